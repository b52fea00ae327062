import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { commandFor } from '../../runner/rewrite-answer.ts'
import { targetBranch } from '../../runner/setup.ts'
import { git } from '../../sample/repository.ts'
import type { FaultContext } from './fault-context.ts'

/**
 * What a person did to the origin's history, and how they will answer. They never let the run
 * follow: what that removes for good would be missing at the end.
 */
export interface Rewrite {
  readonly before: string
  readonly after: string
  readonly answer: 'keep' | 'put back'
}

/** Only ends a hang. */
const patienceMs = 10 * 60_000

/** Goes back to before the last merge of a task. Null when there was nothing to rewrite. */
export async function rewrite({ human }: FaultContext, dice: number): Promise<Rewrite | null> {
  const before = await human.update()
  const words = ['log', '--first-parent', '--merges', '--max-count=1', '--grep=^Task: ']
  const merge = await git(human.clone, ...words, '--format=%H')
  if (merge === '') return null
  await git(human.clone, 'reset', '--quiet', '--hard', `${merge}^1`)
  const after = await human.head()
  if (!(await human.send(`--force-with-lease=${targetBranch}:${before}`))) return null
  return { before, after, answer: dice < 0.5 ? 'keep' : 'put back' }
}

/** Gives the answer, however often the server is away meanwhile. */
export async function answerRewrite(scene: FaultContext, done: Rewrite): Promise<void> {
  const { setup, human, object, status } = scene
  const { before, after, answer } = done
  const head = await git(setup.origin, 'rev-parse', targetBranch)
  if (head !== after)
    object(`the origin was moved from ${after} to ${head} before a person had answered`)
  if (answer === 'put back') {
    await git(human.clone, 'reset', '--quiet', '--hard', before)
    await human.send(`--force-with-lease=${targetBranch}:${after}`)
    return
  }
  const end = Date.now() + patienceMs
  const isAsked = () => status().lines.some(({ rewrite: seen }) => seen?.after === after)
  while (!isAsked() && Date.now() < end) await delay(100)
  while (isAsked() && Date.now() < end) {
    const command = commandFor('keep', status().run.needs ?? '')
    // The server may be away, or has taken the answer before it went.
    if (command !== null) await promisify(execFile)('sh', ['-c', command]).catch(() => undefined)
    await delay(500)
  }
}
