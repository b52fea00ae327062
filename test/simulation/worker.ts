import { type Commit, LineId, TaskId } from '../../src/core/model/ids.ts'
import type { FakeRepository } from '../fakes/repository.ts'
import type { Agent } from './agent.ts'

export interface WorkerParts {
  readonly hubOf: (line: LineId) => FakeRepository
  /** A report of this commit was acknowledged to the worker. */
  readonly acknowledged: (task: TaskId, commit: Commit) => void
  /** The server took a task for done without a commit, and the workspace holds work on it. */
  readonly dropped: (task: TaskId) => void
}

/** One turn of a worker: it fetches its brief, leaves half of its work, commits, reports. Now and then it does something else. */
export async function work(
  agent: Agent,
  { hubOf, acknowledged, dropped }: WorkerParts,
): Promise<void> {
  const { instance, launch } = agent
  const { faults, random, ask, clock } = agent.around
  const caller = { instance, launch }
  if (faults.strike('confusion', instance))
    await ask((api) => api.reportDone(caller, 'Done, probably.'))
  const brief = await ask((api) => api.brief(caller))
  const task = TaskId(/^Task: (\S+)$/m.exec(brief?.text ?? '')?.[1] ?? '')
  if (brief === null || brief.isRefused || task === '' || !agent.isAlive) return
  const repository = hubOf(LineId(/^Target: origin\/(\S+)$/m.exec(brief.text)?.[1] ?? ''))
  if (faults.strike('question', instance))
    return void (await ask((api) => api.reportBlocked(caller, 'Which?')))
  if (faults.strike('lie', instance))
    return void (await ask((api) => api.reportDone(caller, 'Done without a commit.')))
  const idle = faults.strike('no-commit', instance)
  if (idle !== null) {
    if (idle.chance(30)) repository.leave(instance, task, { 'half.txt': 'half of it\n' })
    const hasWork = repository.offers(instance, task) !== null
    const reply = await ask((api) => api.reportNoCommit(caller, `no need of ${task}`))
    if (reply === null || !agent.isAlive) return
    if (!reply.isRefused) return hasWork ? dropped(task) : undefined
  }
  const text = `top\n${task} ${instance} ${launch} ${clock.now()}\n`
  const file = faults.strike('collision', instance) ? 'index.js' : `src/${task}.js`
  repository.leave(instance, task, { [file]: `${text}half of it\n` })
  await agent.wait(random.between(100, 20_000))
  if (!agent.isAlive) return
  const isMerged =
    brief.text.includes('Kind: origin') && !faults.strike('origin-unmerged', instance)
  const commit = brief.text.includes('Kind: conflict')
    ? repository.resolveTarget(instance, task)
    : isMerged
      ? repository.mergeOrigin(instance, task)
      : repository.commitOn(instance, task, { [file]: text })
  await agent.wait(random.between(0, 5_000))
  if (!agent.isAlive) return
  const report = await ask((api) => api.reportDone(caller, `built ${task}`))
  if (report && !report.isRefused) acknowledged(task, commit)
}
