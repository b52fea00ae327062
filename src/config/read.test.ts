import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fourFiles, smallest, useConfigDirectory } from '../../test/support/config-directory.ts'
import { defaultPolicy } from '../core/model/policy.ts'
import { protectedByDefault } from '../core/model/protected.ts'

const config = useConfigDirectory()

describe('a configuration', () => {
  it('needs three settings and fills in the rest', async () => {
    expect(await config.accepted(smallest)).toEqual({
      file: join(config.path(), 'orchestrator.json'),
      repositoryUrl: smallest.repositoryUrl,
      branch: 'main',
      credentialFiles: fourFiles,
      credentialGlob: { pattern: 'keys/*.json', directory: config.path() },
      credentialWay: 'auto',
      stateDirectory: join(config.path(), 'state'),
      host: '127.0.0.1',
      port: 7700,
      publicUrl: null,
      logLevel: 'info',
      runtime: 'docker',
      network: 'sealed',
      allowHosts: [],
      npmRegistry: null,
      upstreamProxy: null,
      directHosts: null,
      caFile: null,
      isolation: 'default',
      image: 'claude-code-orchestrator-worker:2.1.328',
      model: 'claude-opus-5-5',
      checks: { commands: [], timeoutMs: 1_200_000, network: 'open' },
      publish: { to: 'branch', branch: 'main' },
      protect: protectedByDefault,
      authors: [],
      environment: {},
      resources: { memoryMb: 4096, cpus: 2, pids: 1024 },
      diskMb: 20_480,
      policy: { workerCount: 2, ...defaultPolicy, startsAtOnce: availableParallelism() },
    })
  })

  it('writes out the default of the protected paths where it is named', async () => {
    const globs = ['default', '**/package-lock.json']
    expect((await config.accepted({ ...smallest, protect: globs })).protect).toEqual([
      ...protectedByDefault,
      '**/package-lock.json',
    ])
    expect((await config.accepted({ ...smallest, protect: [] })).protect).toEqual([])
  })

  it('turns the operator’s units into the server’s', async () => {
    const { policy, checks } = await config.accepted({
      ...smallest,
      checks: { timeoutMinutes: 2 },
      limits: { silenceMinutes: 0.5 + 1, promptTimeoutSeconds: 20 },
    })
    expect([policy.silenceMs, policy.promptTimeoutMs, checks.timeoutMs]).toEqual([
      90_000, 20_000, 120_000,
    ])
  })

  it.each([
    ['~/state', '/home/olga/state'],
    ['/var/lib/orchestrator', '/var/lib/orchestrator'],
    ['../elsewhere', '../elsewhere'],
  ])('finds the state directory %s', async (stateDirectory, expected) => {
    expect((await config.accepted({ ...smallest, stateDirectory })).stateDirectory).toBe(
      join(expected.startsWith('/') ? '/' : config.path(), expected),
    )
  })

  it.each([
    ['~/keys/*.json', ['keys/*.json', '/home/olga']],
    ['/keys/*.json', ['/keys/*.json', '']],
    ['keys/*.json', ['keys/*.json', '']],
  ])('looks for credentials with the glob %s', async (claudeConfigs, [pattern, start]) => {
    await config.accepted({ ...smallest, claudeConfigs })
    expect(config.searches()).toEqual([[pattern, start === '' ? config.path() : start]])
  })

  it.each([
    [{ publish: 'none' }, { to: 'none' }],
    [{ branch: 'trunk' }, { to: 'branch', branch: 'trunk' }],
    [
      { publish: 'branch', publishBranch: 'night' },
      { to: 'branch', branch: 'night' },
    ],
  ])('publishes %j', async (settings, publish) => {
    expect((await config.accepted({ ...smallest, ...settings })).publish).toEqual(publish)
  })

  it('gives way to the command line', async () => {
    const { port, host, logLevel, stateDirectory } = await config.accepted(
      { ...smallest, port: 1 },
      { port: 0, host: '::1', logLevel: 'debug', state: '/s' },
    )
    expect({ port, host, logLevel, stateDirectory }).toEqual({
      port: 0,
      host: '::1',
      logLevel: 'debug',
      stateDirectory: '/s',
    })
  })

  it('passes on variables that the orchestrator does not use', async () => {
    const environment = {
      CI: 'true',
      MAX_THINKING_TOKENS: '1000',
      TOKENIZERS_PARALLELISM: 'false',
      HTTPS_PROXY: 'http://proxy.example',
    }
    expect((await config.accepted({ ...smallest, environment })).environment).toEqual(environment)
  })

  it('finds a repository on this machine from the config directory', async () => {
    expect((await config.accepted({ ...smallest, repositoryUrl: '../repo' })).repositoryUrl).toBe(
      join(config.path(), '../repo'),
    )
  })
})
