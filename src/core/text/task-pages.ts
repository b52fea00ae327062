import { isOver, type Task } from '../model/task.ts'
import { quoteLine } from './quote.ts'

/**
 * Characters of one page. Claude Code accepts 25,000 tokens as the answer of a tool, and warns from
 * 10,000 on; what else the answer holds is at most twice as long.
 */
const pageLength = 16_000
/** Characters of one task: a title has up to 200, a summary up to 2,000. */
const lineLength = 800

export interface TaskPage {
  readonly lines: readonly string[]
  readonly page: number
  readonly pages: number
}

/**
 * The tasks as lines of one page, from 1; a page that does not exist is the last one. All on one
 * page keep the order of the plan; otherwise those that are not over come first.
 */
export function taskPage(tasks: readonly Task[], page: number): TaskPage {
  const whole = pagesOf(tasks)
  const pages =
    whole.length <= 1
      ? whole
      : pagesOf([
          ...tasks.filter(({ phase }) => !isOver(phase)),
          ...tasks.filter(({ phase }) => isOver(phase)),
        ])
  const number = Math.min(Math.max(page, 1), Math.max(pages.length, 1))
  return { lines: pages[number - 1] ?? [], page: number, pages: pages.length }
}

function pagesOf(tasks: readonly Task[]): readonly (readonly string[])[] {
  const pages: string[][] = []
  let length = pageLength
  for (const task of tasks) {
    const line = taskLine(task)
    if (length + line.length > pageLength) {
      pages.push([])
      length = 0
    }
    pages.at(-1)?.push(line)
    length += line.length + 1
  }
  return pages
}

function taskLine({ id, phase, assignee, title, dependsOn, summary, progress }: Task): string {
  const after = dependsOn.length === 0 ? '' : ` (after ${dependsOn.join(', ')})`
  const said = 'reason' in phase ? phase.reason : (summary ?? progress)
  const line = `- ${id} [${phase.name}] ${assignee}: ${title}${after}${said === null ? '' : ` — ${quoteLine(said)}`}`
  return line.length <= lineLength ? line : `${line.slice(0, lineLength - 1)}…`
}
