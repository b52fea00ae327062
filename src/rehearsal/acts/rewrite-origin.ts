import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { git } from '../sample/repository.ts'
import type { Act, Occasion } from '../runner/act.ts'
import type { Removal } from '../runner/removal.ts'
import { commandFor } from '../runner/rewrite-answer.ts'
import { targetBranch } from '../runner/setup.ts'
import { finding } from '../runner/verify.ts'
import { contains, Person } from './person.ts'

/** `put-back`: the person pushes the former head again, without a word to the server. */
type Answer = 'keep' | 'follow' | 'put-back'

interface Rewrite {
  /** The origin's head before. */
  readonly before: string
  /** Its head after, which does not contain the one before. */
  readonly after: string
}

/** Pushes another history to the origin. */
export type RewriteBy = (person: Person, occasion: Occasion) => Promise<Rewrite>

/** Two fetches and more, so that the server has the chance to push or merge too early. */
const waitMs = 12_000

/** A person rewrites the origin's history, and answers only after a while. */
export const rewriteOrigin =
  (name: string, rewriteBy: RewriteBy, answer: Answer): Act =>
  async (occasion) => {
    const { setup, task, release, say, until } = occasion
    const person = new Person(setup, name)
    const rewrite = await rewriteBy(person, occasion)
    const { before, after } = rewrite
    say(`A person rewrote the origin's history from ${before.slice(0, 9)} to ${after.slice(0, 9)}.`)
    await until('the server notices the rewrite', ({ lines }) =>
      lines.some((line) => line.rewrite?.before === before && line.rewrite.after === after),
    )
    const hub = await headOf(join(setup.state, 'hub.git'))
    release()
    await until('the next work is reported', ({ tasks }) =>
      tasks.some(({ id, phase }) => id === task.id && phase === 'reported'),
    )
    const tooEarly = await movesOf(occasion, { [setup.origin]: after, hub })
    await give(answer, person, rewrite, occasion)
    say(`The answer is: ${answer}.`)
    await until('the line goes on', ({ lines }) => lines.every((line) => line.rewrite === null))

    const judge = async (clone: string) => [
      finding('nothing is pushed or merged before the answer to a rewrite', tooEarly),
      finding(`the origin has what the answer ${answer} gives it`, [
        ...(await wrongly(clone, before, answer !== 'follow')),
        ...(answer === 'put-back' ? [] : await wrongly(clone, after, true)),
      ]),
    ]
    if (answer !== 'follow') return { judge }
    const removal = { ...(await removalBy(person.clone, rewrite)), redone: [task.id] }
    const judgeBoth = async (clone: string) => [
      ...(await judge(clone)),
      finding('what a person removed stays away', await returnedOf(removal, clone)),
    ]
    return { judge: judgeBoth, removal }
  }

async function returnedOf({ commits, tasks }: Removal, clone: string): Promise<readonly string[]> {
  const reachable = new Set((await git(clone, 'rev-list', 'HEAD')).split('\n'))
  const merged = await tasksIn(clone, 'HEAD')
  return [
    ...commits.filter((commit) => reachable.has(commit)),
    ...tasks.filter((task) => merged.includes(task)),
  ]
}

async function wrongly(
  clone: string,
  commit: string,
  isThere: boolean,
): Promise<readonly string[]> {
  if ((await contains(clone, commit)) === isThere) return []
  return [`${commit} is ${isThere ? 'not ' : ''}in its history`]
}

/** Merges that a person rewrote are not removed. */
async function removalBy(
  clone: string,
  { before, after }: Rewrite,
): Promise<Omit<Removal, 'redone'>> {
  const rewritten = await tasksIn(clone, after, `^${before}`)
  const tasks = (await tasksIn(clone, before, `^${after}`)).filter(
    (task) => !rewritten.includes(task),
  )
  return { commits: (await git(clone, 'rev-list', before, `^${after}`)).split('\n'), tasks }
}

/** The tasks that commits name in their trailers. */
async function tasksIn(clone: string, ...range: readonly string[]): Promise<readonly string[]> {
  const trailers = '--format=%(trailers:key=Task,valueonly,separator=%x20)'
  return (await git(clone, 'log', trailers, ...range)).split(/\s+/).filter((task) => task !== '')
}

const headOf = (repository: string): Promise<string> =>
  git(repository, 'rev-parse', `refs/heads/${targetBranch}`)

/** Which of the heads moved in the time that the server has. */
async function movesOf(
  { setup, signal }: Occasion,
  { hub, ...others }: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const heads = { ...others, [join(setup.state, 'hub.git')]: hub }
  const end = Date.now() + waitMs
  const moved = new Set<string>()
  while (Date.now() < end) {
    for (const [repository, head] of Object.entries(heads)) {
      const now = await headOf(repository)
      if (now !== head) moved.add(`${repository} moved to ${now}`)
    }
    await delay(250, undefined, { signal })
  }
  return [...moved]
}

async function give(
  answer: Answer,
  person: Person,
  { before }: Rewrite,
  { until }: Occasion,
): Promise<void> {
  if (answer === 'put-back') {
    await git(person.clone, 'reset', '--quiet', '--hard', before)
    return person.push('--force')
  }
  const { run } = await until(
    'the status says how to answer',
    ({ run: { needs } }) => commandFor(answer, needs ?? '') !== null,
  )
  await promisify(execFile)('sh', ['-c', commandFor(answer, run.needs ?? '') ?? ''])
}
