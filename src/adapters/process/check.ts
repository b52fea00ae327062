import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkCommand, LARGEST_CHECK_OUTPUT } from '../../hosting/check-script.ts'
import type { CheckRunner } from '../../ports/checks.ts'
import { runWatched } from './command.ts'
import type { ProcessHost } from './host.ts'

/** Runs checks in a directory that is removed afterwards. */
export const createCheckRunner = (host: ProcessHost): CheckRunner => ({
  async run(commit, commands, timeoutMs) {
    const directory = await mkdtemp(join(host.stateDirectory, 'check-'))
    const argv = checkCommand(host.hub, join(directory, 'tree'), commit, commands)
    const { PATH } = host.environment
    const environment = { PATH, HOME: directory, LANG: 'C.UTF-8', TZ: 'UTC' }
    try {
      return await runWatched({ argv, directory, environment, timeoutMs }, LARGEST_CHECK_OUTPUT)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
})
