import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run } from '../../../../test/support/run.ts'
import { curlAt } from './curl.ts'
import { routes } from '../../contract/routes.ts'
import { viewTask } from './task.ts'
import { viewRun } from './run.ts'

const curl = curlAt(() => ({ url: 'http://127.0.0.1:7700', tokenFile: '/state/operator-token' }))
const needsOf = (run: Run) => viewRun(run.state, null, curl).needs

describe('what the run needs of a person', () => {
  it('is an end of the plan, when the Manager neither completes it nor adds to it', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')], false)
    const addsNothing = () =>
      run
        .confirmed(manager)
        .when({ type: 'plan-submitted', tasks: [], isComplete: false, ...run.from(manager) })
        .stops(manager)
    addsNothing()
    run.confirmed(one).reports(one).stops(one).lands()
    for (let times = 0; times < 3; times += 1) {
      expect(needsOf(run)).toBeNull()
      addsNothing()
    }
    expect(needsOf(run)).toBe(
      'the Manager says that the plan is not complete, but added no task in 4 requests: ' +
        'add tasks to a WORKER_{N}_TASK_LIST.md on the target branch, or, to end the run: ' +
        'curl -fsS -X POST -H "Authorization: Bearer $(cat /state/operator-token)" ' +
        'http://127.0.0.1:7700/api/v1/plan/complete',
    )
  })

  it('is an approval of the tasks that were added later, which it can read', () => {
    const run = new Run({ workerCount: 1, plan: 'approve' }).planned([planned('a')], false)
    run.when({ type: 'plan-approved' })
    const tasks = [planned('b', { body: 'Build it so.' })]
    run.when({ type: 'plan-submitted', tasks, isComplete: true, ...run.from(manager) })
    expect(needsOf(run)).toBe(`new tasks wait for your approval (1): ${curl(routes.approvePlan)}`)
    expect([viewTask(run.task('a')).body, viewTask(run.task('b')).body]).toEqual([
      null,
      'Build it so.',
    ])
  })
})
