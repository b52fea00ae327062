import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { workerImage } from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const execute = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')

/** What the process says in which an instance asks for these names. */
async function askFor(names: readonly string[]): Promise<Record<string, unknown>> {
  const isolated = ['run', '--rm', '--network', 'none', '--dns', '127.0.0.1', '--user', '0']
  const mounted = ['src', 'test'].flatMap((each) => ['-v', `${join(root, each)}:/code/${each}:ro`])
  const program = [
    '--entrypoint',
    'node',
    workerImage,
    '/code/test/integration/support/silent-dns.ts',
  ]
  const { stdout } = await execute('docker', [...isolated, ...mounted, ...program, ...names])
  return JSON.parse(stdout) as Record<string, unknown>
}

const count = 40

describe.skipIf(!hasEngine && process.env.CI === undefined)('DNS servers that are silent', () => {
  it.each([
    ['that only the mode allows', 'any.example'],
    ['below one that the operator allowed', 'below.example'],
  ])('hold up nothing of the server, for names %s', async (_, domain) => {
    const names = Array.from({ length: count }, (_, number) => `${number}.${domain}`)
    const said = await askFor(['listed.example', ...names])
    expect(said.meanwhile).toEqual({
      address: expect.stringMatching(/^(?:127\.0\.0\.1|::1)$/),
      hasRead: true,
      // The names are asked for meanwhile.
      answered: 0,
    })
    expect(said).toMatchObject({ statuses: expect.arrayContaining([502]), local: 403 })
    expect(said.refused).toMatchObject({
      'localhost:7': expect.stringMatching(/^localhost:7 in (?:127\.0\.0\.1|::1)$/),
    })
  })
})
