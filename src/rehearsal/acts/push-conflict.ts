import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finding } from '../runner/verify.ts'
import type { Act } from '../runner/act.ts'
import { freezeOrigin } from '../runner/origin-hook.ts'
import { contains, Person } from './person.ts'

const module = {
  path: 'src/by-hand.js',
  text: '/** Written by hand. */\nexport const byHand = (value) => value\n',
}
const line = "export { byHand } from './by-hand.js'"

/**
 * Another clone pushes a line exactly where the run has just merged one. The origin is frozen until
 * then, so that the run's merge cannot arrive first.
 */
export const pushConflict: Act = async ({ setup, task, release, say, until }) => {
  const person = new Person(setup, 'a-colleague')
  const thaw = await freezeOrigin(setup)
  let pushed: string
  try {
    release()
    await until(`${task.id} is merged`, ({ tasks }) =>
      tasks.some(({ id, phase }) => id === task.id && phase === 'merged'),
    )
    await person.update()
    const { path, below } = task.entry
    const text = await readFile(join(person.clone, path), 'utf8')
    const index = { path, text: text.replace(`${below}\n`, `${below}\n${line}\n`) }
    pushed = await person.commit([module, index], 'Add a function by hand')
    await person.push()
  } finally {
    await thaw()
  }
  say(`A colleague pushed ${pushed.slice(0, 9)}, which conflicts with ${task.id}.`)
  const isMerge = (id: string): boolean => id.startsWith('merge-origin')
  const { tasks } = await until('the conflict is a task, and that is merged', (status) =>
    status.tasks.some(({ id, phase }) => isMerge(id) && phase === 'merged'),
  )
  const merges = tasks.filter(({ id }) => isMerge(id))

  const judge = async (clone: string) => {
    const index = await readFile(join(clone, task.entry.path), 'utf8')
    const kept = await readFile(join(clone, module.path), 'utf8').catch(() => '')
    return [
      finding(
        'a conflict with the origin is one task',
        merges.length === 1 ? [] : merges.map(({ id }) => id),
      ),
      finding('both sides of the conflict are at the origin', [
        ...((await contains(clone, pushed)) ? [] : [`${pushed} is not in the history`]),
        ...(kept === module.text ? [] : [`${module.path} reads otherwise`]),
        ...[line, task.entry.line].filter((each) => !index.split('\n').includes(each)),
      ]),
    ]
  }
  return { judge }
}
