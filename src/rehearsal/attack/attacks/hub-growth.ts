import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Attack } from '../stage/attack.ts'
import type { Stage } from '../stage/stage.ts'
import { newName, takeBack } from '../stage/workspace.ts'

const times = 3
const mebibytes = 20

export const hubGrowth: Attack = {
  id: 'hub-growth',
  from: 'a worker',
  tries: `fills the disk of the hub by ${times} refused reports of ${mebibytes} MiB`,
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/git/transfer/quarantine.ts',
      find: '[Symbol.asyncDispose]: () => remove(place),',
      replace: '[Symbol.asyncDispose]: async () => undefined,',
    },
  ],
  async run(stage) {
    const { attacker } = stage
    const before = await bytesOfHub(stage)
    for (let count = 0; count < times; count += 1) {
      await takeBack(stage, attacker)
      await stage.commit(
        attacker,
        `head -c ${mebibytes}M /dev/urandom >notes/${newName('noise')} && git add --all && ` +
          "GIT_COMMITTER_NAME=Another git commit --quiet --message 'Add noise'",
      )
      const answer = await stage.report(attacker, 'There is noise.')
      if (!answer.includes('names that are not yours'))
        throw new Error(`the report is not refused: ${answer}`)
    }
    await takeBack(stage, attacker)
    const grown = ((await bytesOfHub(stage)) - before) / 1024 ** 2
    return grown < 1 ? [] : [`${Math.round(grown)} MiB in the hub and beside it`]
  },
}

/** Of the hub, and of what is fetched beside it. */
async function bytesOfHub({ setup }: Stage): Promise<number> {
  const names = (await readdir(setup.state)).filter((name) => name.startsWith('hub.git'))
  const sizes = names.map(async (name) => {
    const root = join(setup.state, name)
    const entries = await readdir(root, { recursive: true })
    const found = entries.map((entry) => lstat(join(root, entry)).catch(() => null))
    return (await Promise.all(found)).reduce((sum, each) => sum + (each?.size ?? 0), 0)
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
