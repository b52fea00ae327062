import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ScriptedFile } from '../cast/script.ts'
import { createOrigin } from '../sample/repository.ts'
import type { ContextKind, RuntimeKind } from './arguments.ts'

export interface Stage extends AsyncDisposable {
  readonly root: string
  /** The bare repository that the server is pointed at. */
  readonly origin: string
  readonly config: string
  readonly state: string
  readonly serverLog: string
  readonly isKept: boolean
  /** From now on the directory stays. */
  keep(): void
}

export interface StageOrder {
  readonly seed: readonly ScriptedFile[]
  readonly workers: number
  readonly runtime: RuntimeKind
  readonly context: ContextKind
  readonly checks: readonly string[]
  readonly modelUrl: string
}

export const targetBranch = 'main'

/** The credential of the n-th instance: not a secret, but it is kept and handed out like one. */
export const isOurCredential = (credential: string): boolean => /^rehearsal-\d+$/.test(credential)

/** Everything that an operator would have set up: a repository, a configuration, one credential for each instance. */
export async function setStage({ seed, workers, runtime, context, checks, modelUrl }: StageOrder): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), 'rehearsal-'))
  const origin = join(root, 'origin.git')
  const config = join(root, 'config')
  const credentials = join(config, 'credentials')
  let isKept = false

  await createOrigin(origin, targetBranch, seed)
  await mkdir(credentials, { recursive: true })
  const settings = {
    repositoryUrl: origin,
    branch: targetBranch,
    workerCount: workers,
    claudeConfigs: 'credentials/*.json',
    port: 0,
    runtime,
    context,
    checks: { commands: checks },
  }
  await writeFile(join(config, 'orchestrator.json'), `${JSON.stringify(settings, null, 2)}\n`)
  for (let number = 1; number <= workers + 1; number += 1) {
    const credential = { env: { ANTHROPIC_AUTH_TOKEN: `rehearsal-${number}`, ANTHROPIC_BASE_URL: modelUrl } }
    await writeFile(join(credentials, `instance-${number}.json`), JSON.stringify(credential), { mode: 0o600 })
  }

  return {
    root,
    origin,
    config,
    state: join(root, 'state'),
    serverLog: join(root, 'server.log'),
    get isKept() {
      return isKept
    },
    keep: () => {
      isKept = true
    },
    [Symbol.asyncDispose]: async () => {
      if (!isKept) await rm(root, { recursive: true, force: true })
    },
  }
}
