import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Setup } from '../../runner/setup.ts'

const hourMs = 3_600_000

/** The refresh token of the login that an instance is given. Not a real one. */
export const loginOf = (instance: string): string => `sk-ant-ort01-fake-login-of-${instance}`

/** Its place in the configuration. Instances take credentials in the order of their names. */
export const loginFileOf = (instance: string): string =>
  `credentials/key-${Number(instance.replace('worker-', '')) + 1}.json`

/** Replaces the credentials of the workers by logins; each ends later than the one before. */
export async function writeLogins(setup: Setup, workers: readonly string[]): Promise<void> {
  for (const [index, worker] of workers.entries()) {
    const login = {
      accessToken: `sk-ant-oat01-fake-login-of-${worker}`,
      refreshToken: loginOf(worker),
      expiresAt: Date.now() + (8 + index) * hourMs,
      scopes: ['user:inference'],
      subscriptionType: 'max',
    }
    const text = JSON.stringify({ claudeAiOauth: login })
    await writeFile(join(setup.config, loginFileOf(worker)), text, { mode: 0o600 })
  }
}
