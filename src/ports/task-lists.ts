import type { ListedTask } from '../core/text/task-list-diff.ts'

export interface ParsedList {
  readonly tasks: readonly ListedTask[]
  /** Items that could not be parsed, each as one sentence with its line number. */
  readonly problems: readonly string[]
}

/**
 * Parses a `WORKER_{N}_TASK_LIST.md`: GFM task items `- [ ] id: title`, indented body, and
 * `depends: a, b` as the second line or the last paragraph.
 */
export type ParseTaskList = (markdown: string) => ParsedList
