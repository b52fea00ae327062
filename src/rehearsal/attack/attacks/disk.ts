import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Attack } from '../stage/attack.ts'
import { instanceOf } from '../stage/launches.ts'
import { diskMb } from '../stage/worlds.ts'
import { newName } from '../stage/workspace.ts'

const file = Math.ceil(diskMb / 2)
const files = 3
/** The server looks every two seconds; a busy machine takes its time. */
const lookedWithinMs = 60_000

export const disk: Attack = {
  id: 'disk',
  from: 'a worker',
  tries: `keeps ${files * file} MiB on the disk of the machine, of which it may use ${diskMb}`,
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/docker/disk-bound.ts',
      find: 'if (cause !== null) await owners.end(instance, cause)',
      replace: 'cause satisfies string | null',
    },
  ],
  async run(stage) {
    const { attacker, setup } = stage
    const before = await instanceOf(stage, attacker)
    const name = newName('fill')
    const fill = `/workspace/.git/${name}`
    // The launch may end in the middle.
    const { text } = await attacker.sh(
      `for n in $(seq ${files}); do fallocate -l ${file}M ${fill}-$n || exit 1; done`,
    )
    const deadline = Date.now() + lookedWithinMs
    let isEnded = false
    await stage.until('the disk was looked at', async () => {
      const { launch, phase } = await instanceOf(stage, attacker)
      isEnded = launch > before.launch || phase === 'resting' || phase === 'quarantined'
      return isEnded || Date.now() > deadline ? true : null
    })
    const place = join(setup.state, 'instances', attacker.instance, 'workspace/.git')
    const written = (await readdir(place)).filter((each) => each.startsWith(name))
    for (const each of written) await rm(join(place, each))
    if (written.length < files && !isEnded) throw new Error(`the disk was not filled: ${text}`)
    return isEnded ? [] : [`${files * file} MiB of the disk, and goes on`]
  },
}
