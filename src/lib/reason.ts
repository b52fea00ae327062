/** What an operator should read of a failure: every message on the way down to its root, once each. */
export function reasonOf(error: unknown): string {
  const messages: string[] = []
  for (let current = error; current !== undefined && current !== null; current = current instanceof Error ? current.cause : undefined) {
    const message = current instanceof Error ? current.message : String(current)
    if (!messages.some((known) => known.includes(message))) messages.push(message)
  }
  return messages.join(': ')
}
