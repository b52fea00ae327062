/** What an operator should read of a failure: every message on the way down to its root, once each. */
export function reasonOf(error: unknown): string {
  const messages: string[] = []
  for (let current = error; current instanceof Error; current = current.cause) {
    const { message } = current
    if (!messages.some((known) => known.includes(message))) messages.push(message)
  }
  return messages.length === 0
    ? `something that is no error: ${JSON.stringify(error)}`
    : messages.join(': ')
}
