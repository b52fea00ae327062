import { type Commit, LineId, TaskId } from '../../src/core/model/ids.ts'
import type { Reply } from '../../src/engine/worker-replies.ts'
import type { FakeRepository } from '../fakes/repository.ts'
import type { Agent } from './agent.ts'
import { protectedFile } from './protected.ts'
import { saysHowToLeaveOut, workElsewhere, workOnBranch } from './branch-habits.ts'

export interface WorkerParts {
  readonly hubOf: (line: LineId) => FakeRepository
  /** Whether the worker that has read this brief stops without a report. */
  readonly givesUp: (task: TaskId, brief: string) => boolean
  /** A report of this commit was acknowledged to the worker. */
  readonly acknowledged: (task: TaskId, commit: Commit) => void
  /** The server took a task for done without a commit, and the workspace holds work on it. */
  readonly dropped: (task: TaskId) => void
  /** A report was acknowledged while the work was on another branch. */
  readonly misplaced: (task: TaskId) => void
}

/**
 * One turn of a worker: it fetches its brief, leaves half of its work, commits, reports. Now and
 * then it does something else.
 */
export async function work(
  agent: Agent,
  { hubOf, givesUp, acknowledged, dropped, misplaced }: WorkerParts,
): Promise<void> {
  const { instance, launch } = agent
  const { faults, random, ask, clock } = agent.around
  const caller = { instance, launch }
  if (faults.strike('confusion', instance))
    await ask((api) => api.reportDone(caller, 'Done, probably.'))
  const brief = await ask((api) => api.brief(caller))
  const task = TaskId(/^Task: (\S+)$/m.exec(brief?.text ?? '')?.[1] ?? '')
  if (brief === null || brief.isRefused || task === '' || !agent.isAlive) return
  if (givesUp(task, brief.text)) return
  const repository = hubOf(LineId(/^Target: origin\/(\S+)$/m.exec(brief.text)?.[1] ?? ''))
  if (faults.strike('question', instance))
    return void (await ask((api) => api.reportBlocked(caller, 'Which?')))
  if (faults.strike('lie', instance))
    return void (await ask((api) => api.reportDone(caller, 'Done without a commit.')))
  const idle = faults.strike('no-commit', instance)
  if (idle !== null) {
    if (idle.chance(30) && agent.isShown)
      repository.leave(instance, task, { 'half.txt': 'half of it\n' })
    const hasWork = repository.shows(instance, task)
    const reply = await ask((api) => api.reportNoCommit(caller, `no need of ${task}`))
    if (reply === null || !agent.isAlive) return
    if (!reply.isRefused) return hasWork ? dropped(task) : undefined
  }
  /** Of an instance that was ended only messages arrive: nothing writes its workspace any more. */
  const reportLate = async (): Promise<void> => {
    if (agent.isAlive) await ask((api) => api.reportDone(caller, `built ${task}`))
  }
  const text = `top\n${task} ${instance} ${launch} ${clock.now()}\n`
  const file = faults.strike('collision', instance) ? 'index.js' : `src/${task}.js`
  if (agent.isShown) repository.leave(instance, task, { [file]: `${text}half of it\n` })
  await agent.wait(random.between(100, 20_000))
  if (!agent.isShown) return reportLate()
  const place = { agent, caller, repository, task, file, text }
  if (!(await workElsewhere(place, brief, misplaced))) return
  let commit = await workOnBranch(place, brief)
  if (commit === null) return reportLate()
  const touched = faults.strike('protected-touched', instance)
  if (brief.text.includes('Kind: protected')) {
    const files = [protectedFile(task, true), protectedFile(task, false)]
    const texts = await Promise.all(files.map((path) => repository.read(path)))
    const restored = Object.fromEntries(files.map((path, n) => [path, texts[n] ?? null]))
    commit = repository.commitOn(instance, task, restored)
  } else if (touched !== null) {
    const path = protectedFile(task, touched.chance(30))
    commit = repository.commitOn(instance, task, { [path]: text })
  }
  let report = await ask((api) => api.reportDone(caller, `built ${task}`))
  if (saysHowToLeaveOut(report) && agent.isShown) {
    commit = repository.bringOwnWork(instance, task)
    report = await ask((api) => api.reportDone(caller, `built ${task}`))
  }
  const undone = undonePaths(report)
  if (undone.length > 0 && agent.isShown) {
    if (random.chance(20))
      return void (await ask((api) => api.reportBlocked(caller, `May I undo ${undone.join()}?`)))
    const texts = await Promise.all(undone.map((path) => repository.read(path)))
    const restored = Object.fromEntries(undone.map((path, n) => [path, texts[n] ?? null]))
    commit = repository.commitOn(instance, task, restored)
    report = await ask((api) => api.reportDone(caller, `built ${task}`))
  }
  if (report && !report.isRefused) acknowledged(task, commit)
}

/** The paths with which a report was refused, since it undoes what others changed there. */
const undonePaths = (report: Reply | null): readonly string[] =>
  report?.isRefused === true && report.text.includes('others changed these paths')
    ? [...report.text.matchAll(/^- (.+)$/gm)].map(([, path = '']) => path)
    : []
