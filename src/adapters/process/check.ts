import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { followChecks, newMarker } from '../../hosting/check-output.ts'
import { checkCommand } from '../../hosting/check-script.ts'
import type { CheckRunner } from '../../ports/checks.ts'
import { runWatched } from './command.ts'
import type { ProcessHost } from './host.ts'

/** Runs checks in a directory that is removed afterwards. */
export const createCheckRunner = (
  host: ProcessHost,
  outward: () => Readonly<Record<string, string>>,
): CheckRunner => ({
  async run(commit, commands, timeoutMs, watch) {
    const directory = await mkdtemp(join(host.stateDirectory, 'check-'))
    const marker = newMarker()
    const tree = join(directory, 'tree')
    const argv = checkCommand({ hub: host.hub, tree, commit, marker, commands })
    const { PATH } = host.environment
    const environment = { ...outward(), PATH, HOME: directory, LANG: 'C.UTF-8', TZ: 'UTC' }
    try {
      const checks = followChecks(commands, marker, watch)
      return await runWatched({ argv, directory, environment, timeoutMs }, checks)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
})
