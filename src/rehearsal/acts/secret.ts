import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { git } from '../sample/repository.ts'
import type { Act } from '../runner/act.ts'
import { targetBranch } from '../runner/setup.ts'
import { finding } from '../runner/verify.ts'
import { Person, untilHubHas } from './person.ts'
import type { RewriteBy } from './rewrite-origin.ts'

const secret = { path: 'config/secret.txt', text: 'invented-secret-0b5e8c71f3\n' }

/** A person pushes a secret by mistake. The worker that waits, and all after it, build on that. */
export const leakSecret: Act = async ({ setup, say, signal }) => {
  const person = new Person(setup, 'who-leaks')
  await person.update()
  const leak = await person.commit([secret], 'Add the configuration')
  await person.push()
  await untilHubHas(setup, leak, signal)
  say(`A person pushed a secret in ${leak.slice(0, 9)}.`)
  const blob = await git(person.clone, 'rev-parse', `HEAD:${secret.path}`)
  const judge = async () => [
    finding('the secret never comes back to the origin', await secretIn(setup.origin, leak, blob)),
  ]
  return { judge }
}

/** In the history of any branch, or of any head that the target has had since the purge. */
async function secretIn(origin: string, leak: string, blob: string): Promise<readonly string[]> {
  const heads = (await git(origin, 'log', '--walk-reflogs', '--format=%H', targetBranch)).split(
    '\n',
  )
  const objects = await git(origin, 'rev-list', '--objects', '--all', ...heads)
  const found = await git(origin, 'log', '--all', '--format=%h %s', `-S${secret.text.trim()}`)
  return [
    ...(objects.includes(leak) ? [`the commit ${leak} is reachable`] : []),
    ...(objects.includes(blob) ? [`the file with it is reachable`] : []),
    ...(found === '' ? [] : [found]),
  ]
}

/** Rewrites every commit since the leak, merges of the run included, without the secret's file. */
export const purge: RewriteBy = async (person, { setup }) => {
  const before = await person.update()
  const words = ['log', '--diff-filter=A', '--format=%H', '--', secret.path]
  const leak = await git(person.clone, ...words)
  const filter = ['filter-branch', '--prune-empty', '--index-filter']
  const remove = `git rm --cached --quiet --ignore-unmatch ${secret.path}`
  await promisify(execFile)('git', [...filter, remove, '--', `${leak}^..HEAD`], {
    cwd: person.clone,
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      FILTER_BRANCH_SQUELCH_WARNING: '1',
    },
  })
  await person.push('--force')
  // From now on the origin records every head of the target.
  await git(setup.origin, 'config', 'core.logAllRefUpdates', 'always')
  return { before, after: await person.head() }
}
