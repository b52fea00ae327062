import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { targetBranch } from '../../runner/setup.ts'
import type { Attack } from '../stage/attack.ts'
import { commitAll, newName, reportAccepted, writeNote } from '../stage/workspace.ts'

const lists = ['WORKER_1_TASK_LIST.md', 'WORKER_2_TASK_LIST.md', 'WORKER_9_TASK_LIST.md']
const direction = 'PROJECT_DIRECTION.md'

/** The lists are restored at the merge; the direction is a protected path. */
export const taskListLink: Attack = {
  id: 'task-list-link',
  from: 'a worker',
  tries: "replaces task lists and the direction by links to the operator's token",
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/git/merge/merge.ts',
      find: '[...restoreTaskLists(differences), ...writes(order.ownFiles)]',
      replace: '[]',
    },
  ],
  async run(stage) {
    const { attacker, setup } = stage
    const secret = join(setup.state, 'operator-token')
    const token = await readFile(secret, 'utf8')
    const before = await stage.hub('rev-parse', targetBranch)
    const link = async (paths: readonly string[]): Promise<string> => {
      const links = `for path in ${paths.join(' ')}; do ln -sf '${secret}' $path; done`
      await stage.commit(attacker, `${writeNote(newName('link'))}; ${links}; ${commitAll}`)
      return reportAccepted(stage, attacker, 'The lists are links now.')
    }
    const phase = await link(lists)
    if (phase !== 'merged') throw new Error(`the task with the lists is ${phase}`)
    await stage.atWork()
    await link([direction])
    await stage.atWork()

    const range = `${before}..${targetBranch}`
    const raw = await stage.hub('log', '--first-parent', '-m', '--raw', '--format=', range)
    const linked = raw
      .split('\n')
      .flatMap((line) => (/^:\d+ 120000 /.test(line) ? [line.replace(/^.*\t/, '')] : []))
    const read = [
      await stage.hub('log', '--first-parent', '-m', '-p', '--format=%B', range),
      await attacker.tool('brief'),
      await stage.manager.tool('state'),
    ]
    return [
      ...linked.map((path) => `a link at ${path} of the target branch`),
      ...(read.some((text) => text.includes(token.trim())) ? ["the operator's token"] : []),
      ...((await readFile(secret, 'utf8')) === token ? [] : ["to write the operator's token"]),
    ]
  },
}
