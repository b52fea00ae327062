import type { Git } from '../command/git.ts'

/**
 * The answer to a question about objects by their ids, which never changes. Each git remembers its
 * own answers, the newest ones: what it sees, and for how long, others need not. A question that
 * names an object in another way, by a ref for example, is asked every time.
 */
export async function remembered(
  git: Git,
  question: string,
  ids: readonly string[],
  ask: () => Promise<string>,
): Promise<string> {
  if (!ids.every(isId)) return ask()
  const before = known(git, question, ids)
  if (before !== undefined) return before
  const answer = await ask()
  remember(git, question, ids, answer)
  return answer
}

/** What is remembered, without asking. */
export const known = (git: Git, question: string, ids: readonly string[]): string | undefined =>
  memories.get(git)?.get(keyOf(question, ids))

/** An answer that is known without asking. */
export function remember(git: Git, question: string, ids: readonly string[], answer: string): void {
  if (answer.length > longest) return
  const memory = memories.get(git) ?? new Map<string, string>()
  memories.set(git, memory)
  memory.set(keyOf(question, ids), answer)
  const [oldest] = memory.keys()
  if (memory.size > most && oldest !== undefined) memory.delete(oldest)
}

const memories = new WeakMap<Git, Map<string, string>>()

/** A merge needs about ten. */
const most = 1_000
/** A commit may have any number of parents, and a branch any number of commits. */
const longest = 16_384

const isId = (name: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(name)

const keyOf = (question: string, ids: readonly string[]): string => [question, ...ids].join(' ')
