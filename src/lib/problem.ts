/** A mistake that the operator must correct before the server can start. Never quotes a secret. */
export interface Problem {
  /** The file, or the option of the command line, that holds the mistake. */
  readonly file: string
  /** For example `limits.memoryMb`; null for the whole file. */
  readonly key: string | null
  /** The rest of a sentence that begins with the key: `is 0`. */
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
