import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, lastWords, spawnServer } from '../../runner/server.ts'
import { createSetup } from '../../runner/setup.ts'
import type { Attack } from '../stage/attack.ts'
import type { Stage } from '../stage/stage.ts'

const patienceMs = 60_000
const lookEveryMs = 100

/** Addresses that make git run a program, which makes the file `ran`. */
const addresses: readonly ((ran: string) => string)[] = [
  (ran) => `ext::touch ${ran}`,
  (ran) => `--upload-pack=touch ${ran}`,
  (ran) => `ssh://-oProxyCommand=touch%20${ran}/path`,
]

export const repositoryUrl: Attack = {
  id: 'repository-url',
  from: 'an origin',
  tries: 'has an address that makes git run a program on the machine of the server',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/lib/repository-url.ts',
      find: '  if (helper)\n',
      replace:
        "  if (helper) return { ok: true, url: text, scheme: 'ssh', isLocal: false }\n  if (helper)\n",
    },
    {
      file: 'src/adapters/git/command/environment.ts',
      find: 'GIT_ALLOW_PROTOCOL: protocols',
      replace: "GIT_ALLOW_PROTOCOL: 'ext:file'",
    },
  ],
  async run(stage) {
    const got: string[] = []
    for (const [index, address] of addresses.entries()) {
      const ran = join(stage.setup.root, `ran-${index}`)
      if (await startsProgram(stage, address(ran), ran)) got.push(`a program by ${address('file')}`)
    }
    return got
  },
}

/** Starts a server of its own with that address. */
async function startsProgram({ project }: Stage, address: string, ran: string): Promise<boolean> {
  await using setup = await createSetup({
    seed: [{ path: 'README.md', text: 'nothing\n' }],
    workers: 1,
    runtime: 'docker',
    context: 'fresh',
    checks: [],
    modelUrl: 'http://127.0.0.1:9',
    settings: { repositoryUrl: address },
  })
  const child = await spawnServer({ ...setup, code: project }, await freePort())
  const exit = once(child, 'exit')
  const deadline = Date.now() + patienceMs
  while (child.exitCode === null && !existsSync(ran) && Date.now() < deadline)
    await delay(lookEveryMs)
  const { exitCode } = child
  child.kill('SIGTERM')
  await exit
  if (existsSync(ran)) return true
  const said = await lastWords(setup)
  if (exitCode === 0 || exitCode === null || !said.includes('repositoryUrl'))
    throw new Error(`the server does not refuse ${address}: ${said}`)
  return false
}
