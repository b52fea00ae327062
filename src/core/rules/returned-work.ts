import { lineMergedBy } from '../entities/origin-conflict.ts'
import { block } from '../entities/task.ts'
import type { Draft } from '../model/draft.ts'
import type { TaskId } from '../model/ids.ts'
import type { OutdatedWork, Returned } from '../model/task.ts'
import { quoteName } from '../text/quote.ts'

/** Conflicts, failed checks and refused changes, which count. */
type Unfit = Exclude<Returned, OutdatedWork>

/** Returns the task to its worker. Returned too often, it is blocked until the Manager decides. */
export function returnToOwner(draft: Draft, id: TaskId, returned: Unfit): void {
  const reworkCount = draft.task(id).reworkCount + 1
  draft.setTask(id, { reworkCount, returned })
  if (reworkCount > draft.state.policy.returns)
    return block(draft, id, null, questionAfterReturns(draft, id, returned))
  draft.enterTask(id, { name: returned.kind === 'conflict' ? 'conflicted' : 'rejected' })
  draft.notifyManager({ type: returned.kind === 'conflict' ? 'conflict' : 'rejected', task: id })
}

function questionAfterReturns(draft: Draft, id: TaskId, returned: Unfit): string {
  const { reworkCount, rounds } = draft.task(id)
  const problem = problemOf(returned)
  const mayCancel = lineMergedBy(draft.state, id) === null
  const times = `The work was returned ${reworkCount} times: ${problem}. `
  if (rounds >= draft.state.policy.rounds)
    return (
      `${times}That was so after ${rounds} answers of the Manager too, so a person has to decide.` +
      (mayCancel ? ' The Manager may cancel the task.' : '')
    )
  return (
    times +
    (mayCancel
      ? 'Say how to continue, give it to another worker, or cancel it.'
      : 'Say how to continue, or give it to another worker.')
  )
}

function problemOf(returned: Unfit): string {
  switch (returned.kind) {
    case 'conflict':
      return `conflicts in ${named(returned.paths)}`
    case 'checks':
      return 'checks that fail on the merged tree'
    case 'protected':
      return `changes that a person does not want in ${named(returned.paths)}`
  }
}

/** The first ones: a question is read by a person. */
function named(paths: readonly string[]): string {
  const more = paths.length > mostNamed ? ` and ${paths.length - mostNamed} more` : ''
  return paths.slice(0, mostNamed).map(quoteName).join(', ') + more
}

const mostNamed = 10
