import { readFile } from 'node:fs/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { FaultRun } from '../support/fault-run.ts'
import { type PackageRegistry, startPackageRegistry } from '../support/package-registry.ts'

const example = z.looseObject({ checks: z.looseObject({ commands: z.array(z.string()) }) })

let registry: PackageRegistry
let run: FaultRun
afterEach(async () => {
  await run[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
})

describe('the checks of the example configuration', () => {
  it('install the dependencies of a project, pass on its branch, and merge its tasks', async () => {
    const text = await readFile('config.example/orchestrator.json', 'utf8')
    const { checks } = example.parse(JSON.parse(text))
    expect(checks.commands).toEqual(['npm ci', 'npm test'])

    registry = await startPackageRegistry(await modelHost('docker'))
    // Without what names its registry: this one stands for the public one, which is the default.
    const files = registry.project.filter(({ path }) => path !== '.npmrc')
    const settings = { checks, npmRegistry: registry.url }
    run = await FaultRun.open({ workers: 1, tasks: 2, settings, files })
    run.server.start('--stop-instances')

    expect(await run.finish(1)).toEqual([])
    const passed = run.journal.since(0, ({ event }) => event.type === 'base-passed')
    expect(passed.length).toBeGreaterThan(0)
    expect(registry.requests.filter((path) => path.endsWith('.tgz')).length).toBeGreaterThan(1)
  }, 300_000)
})
