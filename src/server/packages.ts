import type { FastifyPluginAsync } from 'fastify'
import type { Configuration } from '../config/configuration.ts'
import { launchOf } from '../http/access/socket-launch.ts'
import { refuse } from '../lib/refuse.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { findNpmRegistries } from '../registry/npm-registries.ts'
import { createRegistry } from '../registry/registry.ts'

/** The packages of npm for containers without a network; null where they have one. */
export function createPackages(
  { network, npmRegistry }: Configuration,
  outbound: Outbound,
): FastifyPluginAsync | null {
  if (network === 'open') return null
  const finding = findNpmRegistries()
  return async (app) => {
    const found = await finding
    const own = npmRegistry === null ? null : new URL(npmRegistry.replace(/\/?$/, '/'))
    const url = own ?? found?.used
    if (url === undefined) {
      app.all('/*', () => {
        throw refuse(503, 'no registry is known: this machine has no npm; set "npmRegistry"')
      })
      return
    }
    await app.register(
      createRegistry({
        url,
        outbound,
        nameInLockFiles: found?.builtIn ?? url,
        callerOf: (request) => launchOf(request.raw.socket)?.instance ?? 'checks',
      }),
    )
  }
}
