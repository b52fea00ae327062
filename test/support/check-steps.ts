import type { Commit, TaskId } from '../../src/core/model/ids.ts'
import { commit, line, type Run } from './run.ts'
import type { Step } from './walk-step.ts'

const failure = (position: number) => ({
  commit: commit('base'),
  command: 'npm test',
  position,
  output: 'no',
})

/** What the checks say of the branch itself. */
export const checkSteps = {
  'base passes': (run) => run.when({ type: 'base-passed', line, commit: commit('base') }),
  'base fails': (run, n) => run.when({ type: 'base-failed', line, failure: failure(n % 2) }),
  'base not checked': (run) => run.when({ type: 'base-not-checked', line, reason: 'no' }),
  'checks answered': (run, n) =>
    run.when({ type: 'checks-answered', line, answer: n % 2 === 0 ? 'again' : 'merge' }),
} satisfies Readonly<Record<string, Step>>

/** A rejection; now and then the branch fails the checks too. */
export const reject = (
  run: Run,
  at: { readonly task: TaskId; readonly commit: Commit },
  n: number,
): Run => {
  const base = n % 3 === 0 ? {} : { base: failure(n % 3) }
  return run.when({ type: 'merge-rejected', output: 'no', position: n % 2, ...base, ...at })
}
