export interface Answer {
  readonly lines: readonly string[]
  /** What tmux says when it refuses a command. */
  readonly error: string | null
}

/**
 * Reads what a client in control mode printed for one line of commands: a block for each command,
 * from `%begin <guard>` to `%end <guard>` or `%error <guard>`, and notifications between them. What
 * a screen shows may look like any of that, so a block ends with the last line that can be its end.
 */
export function readAnswer(printed: readonly string[]): Answer {
  const lines: string[] = []
  let error: string | null = null
  for (let at = 0; at < printed.length; at += 1) {
    const guard = /^%begin (.*)/.exec(printed[at] ?? '')?.[1]
    if (guard === undefined) continue
    const end = printed.findLastIndex(
      (line) => line === `%end ${guard}` || line === `%error ${guard}`,
    )
    if (end < at) continue
    const block = printed.slice(at + 1, end)
    if (printed[end]?.startsWith('%error ')) error ??= block.join('\n')
    else lines.push(...block)
    at = end
  }
  return { lines, error }
}
