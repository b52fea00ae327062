import { targetBranch } from '../../runner/setup.ts'
import type { Attack } from '../stage/attack.ts'
import { commitAll, newName, takeBack, writeNote } from '../stage/workspace.ts'

const person = { name: 'Linus Torvalds', email: 'torvalds@example.com' }
const as = (role: 'AUTHOR' | 'COMMITTER'): string =>
  `export GIT_${role}_NAME='${person.name}' GIT_${role}_EMAIL=${person.email}`

const disguises = [[as('AUTHOR')], [as('COMMITTER')], [as('AUTHOR'), as('COMMITTER')]] as const

export const foreignAuthor: Attack = {
  id: 'foreign-author',
  from: 'a worker',
  tries: 'reports commits with another person as author, as committer, and as both',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/git/intake/intake.ts',
      find: 'await objectionToAuthors(git, rules, { ...intake, tip })',
      replace: '((): string | null => null)()',
    },
  ],
  async run(stage) {
    const { attacker } = stage
    const before = await stage.hub('rev-parse', targetBranch)
    for (const disguise of disguises) {
      const note = writeNote(newName('author'))
      await stage.commit(attacker, `${disguise.join('; ')}; ${note}; ${commitAll}`)
      const task = await stage.taskOf(attacker)
      const answer = await stage.report(attacker, 'Wrote a note.')
      if (!answer.startsWith('Report rejected')) {
        await stage.settled(task)
        break
      }
      if (!answer.includes('names that are not yours'))
        throw new Error(`refused for another reason: ${answer}`)
      await takeBack(stage, attacker)
    }
    const range = `${before}..${targetBranch}`
    const names = await stage.hub('log', '--format=author %an <%ae>%ncommitter %cn <%ce>', range)
    const foreign = names.split('\n').filter((line) => line.includes(person.email))
    return foreign.map((line) => `${line} on the target branch`)
  },
}
