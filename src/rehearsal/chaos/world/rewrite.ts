import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { commandFor } from '../../runner/rewrite-answer.ts'
import { type Setup, targetBranch } from '../../runner/setup.ts'
import { git } from '../../sample/repository.ts'
import { linesOf } from './command.ts'
import type { FaultContext } from './fault-context.ts'
import type { Human } from './human.ts'
import type { KnownTask } from './known-task.ts'
import type { Removal, Rewrite } from './removal.ts'

/** `put-back`: the person pushes the former head again, without a word to the server. */
export type Answer = 'keep' | 'follow' | 'put-back'

/**
 * Resets the origin to before its last merge of a task. Null when there is none, when the hub lacks
 * what the origin has, or when another push comes first.
 */
export async function takeBack(human: Human, { state }: Setup): Promise<Rewrite | null> {
  const before = await human.update()
  const words = ['log', '--first-parent', '--merges', '--max-count=1', '--grep=^Task: ']
  const merge = await git(human.clone, ...words, '--format=%H')
  const hub = join(state, 'hub.git')
  if (merge === '' || !(await contains(hub, before))) return null
  await git(human.clone, 'reset', '--quiet', '--hard', `${merge}^1`)
  const after = await git(human.clone, 'rev-parse', 'HEAD')
  const lease = `--force-with-lease=${targetBranch}:${before}`
  const isPushed = await human.pushHead(lease).then(
    () => true,
    () => false,
  )
  return isPushed ? { before, after, ...(await removedBy(human, before, after)) } : null
}

const contains = (repository: string, commit: string): Promise<boolean> =>
  git(repository, 'merge-base', '--is-ancestor', commit, targetBranch).then(
    () => true,
    () => false,
  )

async function removedBy(
  { clone, pushed }: Human,
  before: string,
  after: string,
): Promise<Removal> {
  const range = [before, `^${after}`]
  const commits = linesOf(await git(clone, 'rev-list', ...range))
  const trailers = '--format=%(trailers:key=Task,valueonly,separator=%x20)'
  const merged = (await git(clone, 'log', trailers, ...range)).split(/\s+/).filter(Boolean)
  const ticked = pushed.flatMap(({ commit, ticked: ids }) => (commits.includes(commit) ? ids : []))
  return { commits, tasks: [...new Set([...merged, ...ticked])] }
}

/** A person lets the run follow only if nothing else builds on what is gone. */
export function answerBy(dice: number, { tasks }: Rewrite, all: readonly KnownTask[]): Answer {
  const isNeeded = all.some(({ dependsOn }) => dependsOn.some((id) => tasks.includes(id)))
  if (dice < 0.5 && !isNeeded) return 'follow'
  return dice < 0.8 ? 'keep' : 'put-back'
}

type Server = Pick<FaultContext, 'setup' | 'status' | 'object'>

/** Only end a hang: a server that is down for long, an engine that does not answer. */
const noticeMs = 120_000
const answerMs = 180_000

/**
 * Gives the answer and waits until it is carried out; what the person really did is returned. A
 * rewrite that the server does not notice is put back.
 */
export async function settleRewrite(
  human: Human,
  rewrite: Rewrite,
  answer: Answer,
  { setup, status, object }: Server,
): Promise<Answer> {
  const head = await git(setup.origin, 'rev-parse', targetBranch)
  if (head !== rewrite.after)
    object(`the origin moved from ${rewrite.after} to ${head} before a person had answered`)
  const isAsked = (): boolean => status().lines.some((line) => line.rewrite !== null)
  await until(() => isAsked() || status().run.phase === 'done', noticeMs)
  if (answer === 'put-back' || !isAsked()) {
    await putBack(human, setup, rewrite)
    return 'put-back'
  }
  await until(async () => {
    const command = commandFor(answer, status().run.needs ?? '')
    // The server may be away, or has taken the answer before it went.
    if (command !== null) await promisify(execFile)('sh', ['-c', command]).catch(() => undefined)
    return !isAsked()
  }, answerMs)
  return answer
}

async function putBack(human: Human, { origin }: Setup, { before, after }: Rewrite): Promise<void> {
  if (await contains(origin, before)) return
  await git(human.clone, 'reset', '--quiet', '--hard', before)
  await human.pushHead(`--force-with-lease=${targetBranch}:${after}`)
}

async function until(isSo: () => boolean | Promise<boolean>, ms: number): Promise<void> {
  const deadline = Date.now() + ms
  while (Date.now() < deadline && !(await isSo())) await delay(500)
}
