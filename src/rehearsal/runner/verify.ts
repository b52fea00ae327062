import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { git } from '../sample/repository.ts'
import { type Setup, targetBranch } from './setup.ts'
import type { Status } from './status.ts'

const run = promisify(execFile)

/** One promise of the system, and what is wrong with it; null when it was kept. */
export interface Finding {
  readonly promise: string
  readonly problem: string | null
}

export interface Verdict {
  readonly findings: readonly Finding[]
  readonly head: string
  /** The merge commit of each task that has one. */
  readonly merges: ReadonlyMap<string, string>
}

export interface Evidence {
  readonly status: Status
  /**
   * What the script has: the plan must hold them all, and none may take more tries than the script
   * gives a reason for.
   */
  readonly tasks: readonly {
    readonly id: string
    readonly tries: number
    /** It ends as done, without a merge. */
    readonly isWithoutMerge?: boolean
  }[]
  /** Every commit that a worker reported and the server acknowledged, by its task. */
  readonly reported: readonly { readonly task: string; readonly commit: string }[]
}

/** Judges by what the origin got, not by what the server says it did. */
export async function verify(
  setup: Pick<Setup, 'root' | 'origin'>,
  evidence: Evidence,
): Promise<Verdict> {
  const clone = join(setup.root, 'clone')
  await git(setup.root, 'clone', '--quiet', '--branch', targetBranch, setup.origin, clone)
  const merges = await mergesIn(clone)
  return {
    findings: [
      everyTaskIsMerged(evidence),
      oneMergeForEachTask(evidence, merges),
      noneTookMoreTries(evidence),
      await nothingReportedIsLost(clone, evidence),
      await everyItemIsTicked(clone, evidence),
      await testsPass(clone),
    ],
    head: await git(clone, 'rev-parse', 'HEAD'),
    merges: new Map(
      [...merges].flatMap(([task, [commit]]) => (commit === undefined ? [] : [[task, commit]])),
    ),
  }
}

/** A landed merge names its task in a trailer. */
async function mergesIn(clone: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const log = await git(
    clone,
    'log',
    '--merges',
    '--format=%H %(trailers:key=Task,valueonly,separator=%x20)',
  )
  const found = log.split('\n').flatMap((line) => {
    const [commit = '', task = ''] = line.trim().split(' ')
    return task === '' ? [] : [{ commit, task }]
  })
  return new Map(
    Object.entries(Object.groupBy(found, ({ task }) => task)).map(([task, list]) => [
      task,
      (list ?? []).map(({ commit }) => commit),
    ]),
  )
}

function everyTaskIsMerged({ status, tasks }: Evidence): Finding {
  const phases = new Map(status.tasks.map((task) => [task.id, task]))
  const open = tasks.filter(
    ({ id, isWithoutMerge }) =>
      phases.get(id)?.phase !== (isWithoutMerge === true ? 'done' : 'merged'),
  )
  const described = open.map(
    ({ id }) =>
      `${id} is ${phases.get(id)?.phase ?? 'not in the plan'}${phases.get(id)?.reason ? `: ${phases.get(id)?.reason}` : ''}`,
  )
  return finding('every task is merged, or done as the script says', described)
}

function oneMergeForEachTask(
  { tasks }: Evidence,
  merges: ReadonlyMap<string, readonly string[]>,
): Finding {
  const wrong = tasks
    .filter(
      ({ id, isWithoutMerge }) =>
        (merges.get(id)?.length ?? 0) !== (isWithoutMerge === true ? 0 : 1),
    )
    .map(({ id }) => `${id} has ${merges.get(id)?.length ?? 0}`)
  return finding('every task that is merged has exactly one merge commit', wrong)
}

function noneTookMoreTries({ status, tasks }: Evidence): Finding {
  const allowed = new Map(tasks.map(({ id, tries }) => [id, tries]))
  const tooMany = status.tasks
    .filter(({ id, attempts }) => attempts > (allowed.get(id) ?? 1))
    .map(({ id, attempts }) => `${id} took ${attempts}`)
  return finding('no task took more tries than the script gives a reason for', tooMany)
}

async function nothingReportedIsLost(clone: string, { reported }: Evidence): Promise<Finding> {
  const reachable = new Set((await git(clone, 'rev-list', 'HEAD')).split('\n'))
  const lost = reported
    .filter(({ commit }) => !reachable.has(commit))
    .map(({ task, commit }) => `${commit.slice(0, 9)} of ${task}`)
  return finding('every reported commit is on the target branch', lost)
}

async function everyItemIsTicked(clone: string, { tasks }: Evidence): Promise<Finding> {
  const lists = (await readdir(clone)).filter((name) => /^WORKER_\d+_TASK_LIST\.md$/.test(name))
  const items = (await Promise.all(lists.map((name) => readFile(join(clone, name), 'utf8')))).join(
    '\n',
  )
  const unticked = idsOf(tasks).filter(
    (id) => !new RegExp(`^[-*] \\[[xX]\\] ${id}:`, 'm').test(items),
  )
  return finding('every item of the task lists is ticked', unticked)
}

async function testsPass(clone: string): Promise<Finding> {
  const promise = 'the tests of the repository pass on the target branch'
  try {
    await run(process.execPath, ['--test'], {
      cwd: clone,
      env: { PATH: process.env['PATH'] ?? '' },
      maxBuffer: 16 * 1024 * 1024,
    })
    return { promise, problem: null }
  } catch (error) {
    const { stdout = '' } = error as { stdout?: string } // execFile adds what was printed
    return { promise, problem: stdout.split('\n').slice(-12).join('\n') || String(error) }
  }
}

export const finding = (promise: string, problems: readonly string[]): Finding => ({
  promise,
  problem: problems.length === 0 ? null : problems.join('; '),
})

const idsOf = (tasks: Evidence['tasks']): readonly string[] => tasks.map(({ id }) => id)
