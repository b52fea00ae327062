/** All messages of an error and its causes, without repetitions, joined by `: `. */
export function reasonOf(error: unknown): string {
  const messages: string[] = []
  for (let current = error; current instanceof Error; current = current.cause) {
    const { message } = current
    if (!messages.some((known) => known.includes(message))) messages.push(message)
  }
  return messages.length === 0 ? `not an error: ${JSON.stringify(error)}` : messages.join(': ')
}
