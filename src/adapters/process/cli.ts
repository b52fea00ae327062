import { randomUUID } from 'node:crypto'
import { mkdir, rename, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { TOOL_TIMEOUT_MS } from '../../hosting/tool-limits.ts'
import { runCommand } from './command.ts'
import type { ProcessHost } from './host.ts'

/** Throws, with the remedy, unless the executable of Claude Code runs. */
export async function ensureCli({ cli, stateDirectory, environment }: ProcessHost): Promise<void> {
  const { exitCode } = await runCommand({
    argv: [cli, '--version'],
    directory: stateDirectory,
    environment,
    timeoutMs: TOOL_TIMEOUT_MS,
  }).catch((error: unknown) => {
    throw new Error(`there is no Claude Code at ${cli}. Install it: sh docker/setup.sh all`, {
      cause: error,
    })
  })
  if (exitCode !== 0)
    throw new Error(
      `${cli} --version ended with ${exitCode}. Install it again: sh docker/setup.sh all`,
    )
}

/** Makes the directory `bin`, with only `claude` in it: the operator's file may have any name. */
export async function linkCli({ cli, bin }: ProcessHost): Promise<void> {
  const draft = join(bin, `.${randomUUID()}`)
  await mkdir(bin, { recursive: true })
  await symlink(resolve(cli), draft)
  await rename(draft, join(bin, 'claude'))
}
