import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { workerId, TaskId } from '../../src/core/model/ids.ts'
import { gitIdentity } from '../../src/claude/launch/git-identity.ts'
import { one, walls } from './git-intake-scene.ts'
import { direction, git, openStage, operator } from './git-stage.ts'

const execute = promisify(execFile)
export const two = workerId(2)
export const roof = TaskId('roof')

export interface Person {
  readonly name: string
  readonly email: string
}
export const linus = { name: 'Linus Torvalds', email: 'torvalds@example.com' }
export const owner = { name: 'The Operator', email: 'operator@example.com' }
export const ada = { name: 'Ada Löwe', email: 'ada@example.com' }
export const own = gitIdentity(one, {}).author
export const other = gitIdentity(two, {}).author

const names = (author: Person, committer: Person) => ({
  GIT_AUTHOR_NAME: author.name,
  GIT_AUTHOR_EMAIL: author.email,
  GIT_COMMITTER_NAME: committer.name,
  GIT_COMMITTER_EMAIL: committer.email,
})

/** A hub, and workers whose commands run under the names that a test gives. */
export async function authorScene(options: { readonly authors?: readonly string[] } = {}) {
  const stage = await openStage({ ...direction, 'a.txt': 'one\ntwo\nthree\n' })
  const repository = stage.repository({
    authorship: { identityOf: (id) => gitIdentity(id, {}), authors: options.authors ?? [] },
  })
  await repository.ensureReady()
  /** A script in the workspace of a worker, as its shell runs it. */
  const run = async (script: string, author: Person = own, committer = author, worker = one) => {
    const cwd = await stage.workspace(worker)
    const env = { ...operator, GIT_EDITOR: 'true', ...names(author, committer) }
    await execute('sh', ['-ec', script], { cwd, env })
  }
  const branch = (task = walls) =>
    `git fetch -q; git checkout -q --no-track -B task/${task} origin/main`
  const takeIn = (worker = one, task = walls) =>
    repository.takeIn(worker, task, stage.uploadPack(worker))
  const refusal = async () => {
    const outcome = await takeIn()
    if (outcome.type !== 'refused') throw new Error('it was taken in')
    return outcome.reason
  }
  /** Runs the command of the refusal, and reports again. */
  const mend = async (reason: string) => {
    const [, command = ''] = /these with\n(.*)\nand report again/.exec(reason) ?? []
    await run(command)
    return takeIn()
  }
  const authors = async () =>
    (await git(stage.workspaceOf(one), 'log', '--format=%an/%cn', 'origin/main..task/walls')).split(
      '\n',
    )
  /** Pushes a commit of a person to the origin, and takes it in. */
  const byAda = async (script: string) => {
    const env = { ...operator, ...names(ada, ada) }
    const whole = `git pull -q --ff-only origin main; ${script}; git push -q origin main`
    await execute('sh', ['-ec', whole], { cwd: stage.human, env })
    await repository.mergeUpstream()
  }
  return { ...stage, repository, run, branch, takeIn, refusal, mend, authors, byAda }
}

export const add = (file: string, text = 'x') =>
  `mkdir -p "$(dirname ${file})"; printf '%s\\n' '${text}' > ${file}; git add -A; git commit -qm 'Add ${file}'`
