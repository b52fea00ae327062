import { plainText } from '../../lib/plain-text.ts'
import type { Task } from '../model/task.ts'

/**
 * The message of the commit that merges a task. What models wrote of it stands in the title and,
 * indented, in the body: it can add no trailer, and forges act on none of its words.
 */
export function mergeMessage(
  { id, title, summary }: Pick<Task, 'id' | 'title' | 'summary'>,
  instance: string,
): string {
  const body = harmless(summary ?? '')
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n')
    .trimEnd()
  const parts = [
    `${id}: ${harmless(title).replaceAll(/\s+/g, ' ')}`,
    body,
    `Task: ${id}\nInstance: ${instance}`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/**
 * Words in a commit message that make a forge skip its checks or close an issue get a form that it
 * does not know: `[skip ci]` becomes `(skip ci)`, and `Closes #1` becomes `Closes no. 1`.
 */
const harmless = (text: string): string =>
  plainText(text)
    .replaceAll(/\[([^\][\n]{0,20}\b(?:skip|no)\b[^\][\n]{0,20}|[^\][\n]{1,20} skip)\]/gi, '($1)')
    .replaceAll(/\*{3}(NO_CI)\*{3}/gi, '$1')
    .replaceAll(/\bskip-checks(\s*):/gi, 'skip checks$1')
    .replaceAll(
      /\b((?:clos|fix|resolv|implement)(?:e|es|ed|ing)?:?\s+)((?:[\w.-]+\/)*[\w.-]*)(?:[#!]|GH-)(\d)/gi,
      '$1$2 no. $3',
    )
    .replaceAll(/\b((?:clos|fix|resolv|implement)(?:e|es|ed|ing)?:?\s+)https?:\/\//gi, '$1')
