export interface Brief {
  readonly task: string
  readonly kind: 'new' | 'origin' | 'conflict' | 'rewritten' | 'checks' | 'continue'
  /** Where merged work is, as git in the workspace knows it. */
  readonly target: string
  readonly text: string
}

/** Null for a brief that gives no task. */
export function parseBrief(text: string): Brief | null {
  const task = /^Task: (\S+)$/m.exec(text)?.[1]
  const kind = /^Kind: (new|origin|conflict|rewritten|checks|continue)$/m.exec(text)?.[1]
  const target = /^Target: (\S+)$/m.exec(text)?.[1] ?? 'origin/main'
  return task !== undefined && isKind(kind) ? { task, kind, target, text } : null
}

const kinds: readonly unknown[] = [
  'new',
  'origin',
  'conflict',
  'rewritten',
  'checks',
  'continue',
] satisfies Brief['kind'][]
const isKind = (text: unknown): text is Brief['kind'] => kinds.includes(text)
