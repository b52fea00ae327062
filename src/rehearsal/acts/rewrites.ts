import { git } from '../sample/repository.ts'
import { untilHubHas } from './person.ts'
import type { RewriteBy } from './rewrite-origin.ts'

/** Back to before the last merge of a task. */
export const reset: RewriteBy = async (person) => {
  const before = await person.update()
  const words = ['log', '--first-parent', '--merges', '--max-count=1', '--grep=^Task: ']
  const merge = await git(person.clone, ...words, '--format=%H')
  await git(person.clone, 'reset', '--quiet', '--hard', `${merge}^1`)
  await person.push('--force')
  return { before, after: await person.head() }
}

/** Amends a commit of their own that the hub has already. */
export const amend: RewriteBy = async (person, { setup, signal }) => {
  await person.update()
  const note = { path: 'NOTES.md', text: '# Notes\n\nWritten by hand.\n' }
  const before = await person.commit([note], 'Add nots')
  await person.push()
  await untilHubHas(setup, before, signal)
  await git(person.clone, 'commit', '--quiet', '--amend', '--message', 'Add notes')
  await person.push('--force')
  return { before, after: await person.head() }
}
