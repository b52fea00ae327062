/** A message of JSON-RPC, as far as the carrier needs to understand it. */
export interface Message {
  readonly id?: string | number
  /** Missing in an answer. */
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
}

/** Null for what is no object. */
export function readMessage(text: string): Message | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : null
  } catch {
    return null
  }
}

/** The messages of an answer: one object, or an event stream of them; none for an empty answer. */
export const messagesIn = (body: string): readonly Message[] =>
  body
    .split('\n')
    .map((line) => (line.startsWith('data: ') ? line.slice('data: '.length) : line))
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => readMessage(line) ?? [])

export const answerTo = ({ id }: Message, result: unknown) => ({ jsonrpc: '2.0', id, result })

export const errorTo = ({ id }: Message, code: number, message: string) => ({
  jsonrpc: '2.0',
  id,
  error: { code, message },
})
