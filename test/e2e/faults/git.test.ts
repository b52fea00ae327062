import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InstanceId, TaskId } from '../../../src/core/model/ids.ts'
import type { JournalLine } from '../../support/journal-copy.ts'
import { git as inHub } from '../../../src/rehearsal/sample/repository.ts'
import { git, openStage } from '../../integration/git-stage.ts'
import { FaultRun, report } from '../../support/fault-run.ts'
import { Gate } from '../../support/gate.ts'
import { runSteps, type Steps, stepsTimeoutMs } from '../../support/steps.ts'

let run: FaultRun
beforeAll(async () => {
  run = await FaultRun.open({ workers: 2, tasks: 6, gate: new Gate('before-commit') })
  run.server.start('--stop-instances')
})
afterAll(() => run[Symbol.asyncDispose]())

const hub = (): string => join(run.setup.state, 'hub.git')

const human = (): string => join(run.setup.root, 'human')

/** Tries until no push of the server comes between. */
async function pushByHand(message: string): Promise<void> {
  await git(human(), 'commit', '--quiet', '--allow-empty', '--message', message)
  for (let isPushed = false; !isPushed; await delay(100)) {
    await git(human(), 'pull', '--quiet', '--no-rebase', '--no-edit', 'origin', 'main')
    isPushed = await git(human(), 'push', '--quiet', 'origin', 'HEAD:main').then(
      () => true,
      () => false,
    )
  }
}

const isLanded = ({ event, ignored }: JournalLine): boolean =>
  event.type === 'merge-landed' && (ignored ?? null) === null
const landedSince = (mark: number): readonly string[] =>
  run.journal.since(mark, isLanded).map(({ event }) => event.task ?? '')

/** Lets every worker at the gate finish its task, and holds them at the next one. */
async function letThrough(): Promise<readonly string[]> {
  const tasks = run.gate.waiting
  run.gate.open()
  run.gate.shut('before-commit')
  return tasks
}

async function landed(tasks: readonly string[], mark: number): Promise<number> {
  const lines = await Promise.all(
    tasks.map((task) =>
      run.journal.next(
        `${task} is merged`,
        mark,
        (line) => isLanded(line) && line.event.task === task,
        120_000,
      ),
    ),
  )
  return Math.max(...lines.map(({ event }) => event.at))
}

/** Git processes of the server itself, which work in its hub or in a quarantine beside it. */
async function gitsOfServer(): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      if (!command.includes('git')) return []
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environment.includes(`\0GIT_DIR=${hub()}`) ? [pid] : []
    }),
  )
  return found.flat()
}

const isKilled = (pid: number): boolean => {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}

const steps: Steps = {
  'removes the stale locks of a dead process': async () => {
    await run.atWork(2)
    const mark = run.journal.last
    const locks = [
      'refs/heads/main.lock',
      ...run.gate.waiting.map((task) => `refs/tasks/${task}.lock`),
    ].map((name) => join(hub(), name))
    for (const lock of locks) await writeFile(lock, '', { flag: 'wx' }).catch(() => undefined)
    const at = Date.now()
    const lastAt = await landed(await letThrough(), mark)
    const left = locks.filter((lock) => existsSync(lock))
    report(
      'git-lock',
      `${locks.length} stale locks while the server runs: both tasks merged ${lastAt - at} ms later, ${left.length} locks left`,
      'locks of a dead process removed; both tasks merged',
      left.length === 0,
    )
  },

  'merges again when others have moved the target': async () => {
    await run.atWork(2)
    const mark = run.journal.last
    await git(run.setup.root, 'clone', '--quiet', run.setup.origin, human())
    const landings = { areOver: false }
    const landing = letThrough()
      .then((tasks) => landed(tasks, mark))
      .finally(() => (landings.areOver = true))
    let pushed = 0
    for (; !landings.areOver || pushed < 3; pushed += 1) await pushByHand(`By hand ${pushed}`)
    await landing
    await run.journal.next(
      'what others pushed is in the hub',
      mark,
      ({ event }) => event.type === 'upstream-merged',
    )
    const merges = landedSince(mark)
    const refusals = run.journal.since(mark, ({ event }) => event.type === 'publish-refused').length
    report(
      'target-moves',
      `${pushed} pushes by others while ${merges.length} tasks were merged; our push refused ${refusals} times and made again`,
      'compare-and-swap and retry; no commit lost (checked at the end)',
      merges.length === 2 && new Set(merges).size === 2,
    )
  },

  'repeats git commands that are killed': async () => {
    await run.atWork(2)
    const mark = run.journal.last
    const landings = { areOver: false }
    const at = Date.now()
    const landing = letThrough()
      .then((tasks) => landed(tasks, mark))
      .finally(() => (landings.areOver = true))
    const hits = { killed: 0 }
    const kill = async (): Promise<void> => {
      while (hits.killed < 8 && (hits.killed === 0 || !landings.areOver)) {
        for (const pid of await gitsOfServer())
          if (hits.killed < 8 && isKilled(pid)) hits.killed += 1
        await delay(5)
      }
    }
    // On a busy machine none of the merge may be met: fetches follow.
    const keepBusy = async (): Promise<void> => {
      await landing
      while (hits.killed === 0) await pushByHand('By hand, for another fetch')
    }
    const [lastAt] = await Promise.all([landing, kill(), keepBusy()])
    await inHub(hub(), 'fsck', '--connectivity-only')
    const again = await readdir(join(hub(), 'objects/pack'))
    report(
      'git-kill',
      `${hits.killed} of the server’s git commands killed: both tasks merged once ${lastAt - at} ms later, fsck finds nothing, ${again.filter((name) => name.endsWith('.lock')).length} locks`,
      'tried again; merged once; the hub stays sound',
      hits.killed > 0 && landedSince(mark).length === 2,
    )
  },

  'merges every task once, with everything that others pushed': async () => {
    expect(await run.finish(9)).toEqual([])
    const log = await git(run.setup.origin, 'log', '--format=%s', 'main')
    const byHand = await git(human(), 'log', '--format=%s', 'HEAD')
    const wanted = byHand.split('\n').filter((line) => line.startsWith('By hand'))
    expect(wanted.filter((line) => !log.split('\n').includes(line))).toEqual([])
  },
}

describe('a run whose repositories are disturbed', () => {
  it('merges every task once', { timeout: stepsTimeoutMs }, () => runSteps(steps))

  it.each(['rewrites', 'deletes'])('Worker %s its branch after its report', async (what) => {
    await using faultRun = await openStage()
    const repository = faultRun.repository()
    await repository.ensureReady()
    const [worker, task] = [InstanceId('worker-1'), TaskId('walls')]
    const reported = await faultRun.commitOn(worker, task, { 'walls.txt': 'as reported\n' })
    expect(await repository.takeIn(worker, task, faultRun.uploadPack(worker))).toMatchObject({
      type: 'taken-in',
      commit: reported,
    })
    const workspace = faultRun.workspaceOf(worker)
    if (what === 'deletes') await git(workspace, 'update-ref', '-d', 'refs/heads/task/walls')
    else {
      await writeFile(join(workspace, 'walls.txt'), 'another one\n')
      await git(workspace, 'commit', '--quiet', '--all', '--amend', '--message', 'Rewritten')
    }
    await git(workspace, 'reflog', 'expire', '--expire=now', '--all')
    await git(workspace, 'gc', '--quiet', '--prune=now')
    const outcome = await repository.tryMerge({
      task,
      commit: reported,
      message: 'Merge walls\n\nTask: walls\n',
      ownFiles: {},
    })
    const isLandable =
      outcome.type === 'candidate' && (await repository.land(outcome.commit, outcome.base))
    const text = await repository.read('walls.txt')
    report(
      'branch-rewritten',
      `the worker ${what} it: merged ${isLandable ? 'yes' : outcome.type}, the file says “${text?.trim()}”`,
      'what was taken in is what is merged',
      isLandable && text === 'as reported\n',
    )
  })
})
