/**
 * The protocol between the tools of an instance (`docker/tools/`) and the server. The tools name
 * theirs in the header `X-Protocol`; those before the header count as 0. A change that older tools
 * would misunderstand raises `newest`; `oldest` follows when the server no longer understands them.
 */
export const toolProtocol = { oldest: 0, newest: 2 } as const

export interface ProtocolRange {
  readonly oldest: number
  readonly newest: number
}

/** Whether a server with this range can work with such tools. */
export const isSpoken = (protocol: number, { oldest, newest }: ProtocolRange): boolean =>
  protocol >= oldest && protocol <= newest

/** As it stands in a header, a label or a file; 0 when it is missing or no number. */
export function readProtocol(text: string | undefined): number {
  const protocol = Number(text ?? 0)
  return Number.isSafeInteger(protocol) && protocol >= 0 ? protocol : 0
}
