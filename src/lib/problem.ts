/** What an operator must put right before the server can start; it never quotes a secret. */
export interface Problem {
  /** The file, or the option of the command line, that holds the mistake. */
  readonly file: string
  /** `limits.memoryMb`; null when the file as a whole is meant. */
  readonly key: string | null
  /** Continues the sentence that the key begins: `is 0`. */
  readonly what: string
  readonly remedy: string
}

export function describeProblems(problems: readonly Problem[]): string {
  return problems
    .map(
      ({ file, key, what, remedy }) =>
        `${file}: ${key === null ? '' : `${key} `}${what}\n  → ${remedy}\n`,
    )
    .join('')
}
