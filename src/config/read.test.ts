import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultPolicy } from '../core/model/policy.ts'
import { describeProblems } from '../lib/problem.ts'
import type { Configuration } from './configuration.ts'
import { type Overrides, readConfiguration } from './read.ts'

const smallest = {
  repositoryUrl: 'https://github.com/org/repo.git',
  workerCount: 2,
  claudeConfigs: 'keys/*.json',
}
const fourFiles = ['/keys/a.json', '/keys/b.json', '/keys/c.json', '/keys/d.json']

let directory: string
let searches: (readonly [string, string])[]
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'config-'))
  searches = []
})
afterEach(() => rm(directory, { recursive: true }))

async function read(
  settings: object | string,
  overrides: Overrides = {},
  files: readonly string[] = fourFiles,
) {
  await writeFile(
    join(directory, 'orchestrator.json'),
    typeof settings === 'string' ? settings : JSON.stringify(settings),
  )
  const findFiles = (pattern: string, start: string) => {
    searches.push([pattern, start])
    return Promise.resolve(files)
  }
  return readConfiguration(directory, overrides, { home: '/home/olga', findFiles })
}

async function accepted(...given: Parameters<typeof read>): Promise<Configuration> {
  const reading = await read(...given)
  if (!reading.ok) throw new Error(describeProblems(reading.problems))
  return reading.configuration
}

async function problems(...given: Parameters<typeof read>): Promise<readonly string[]> {
  const reading = await read(...given)
  return reading.ok
    ? []
    : reading.problems.map((problem) => describeProblems([problem]).replaceAll(`${directory}/`, ''))
}

describe('a configuration', () => {
  it('needs three settings and fills in the rest', async () => {
    expect(await accepted(smallest)).toEqual({
      file: join(directory, 'orchestrator.json'),
      repositoryUrl: smallest.repositoryUrl,
      branch: 'main',
      credentialFiles: fourFiles,
      credentialGlob: { pattern: 'keys/*.json', directory },
      stateDirectory: join(directory, 'state'),
      host: '127.0.0.1',
      port: 7700,
      logLevel: 'info',
      runtime: 'docker',
      image: 'claude-code-orchestrator-worker:2.1.328',
      model: 'claude-opus-5-5',
      checks: { commands: [], timeoutMs: 1_200_000 },
      publish: { to: 'branch', branch: 'main' },
      environment: {},
      resources: { memoryMb: 4096, cpus: 2, pids: 1024 },
      rules: { workerCount: 2, ...defaultPolicy },
    })
  })

  it('turns the operator’s units into the server’s', async () => {
    const { rules, checks } = await accepted({
      ...smallest,
      checks: { timeoutMinutes: 2 },
      limits: { silenceMinutes: 0.5 + 1, promptTimeoutSeconds: 20 },
    })
    expect([rules.silenceMs, rules.promptTimeoutMs, checks.timeoutMs]).toEqual([
      90_000, 20_000, 120_000,
    ])
  })

  it.each([
    ['~/state', '/home/olga/state'],
    ['/var/lib/orchestrator', '/var/lib/orchestrator'],
    ['../elsewhere', '../elsewhere'],
  ])('finds the state directory %s', async (stateDirectory, expected) => {
    expect((await accepted({ ...smallest, stateDirectory })).stateDirectory).toBe(
      join(expected.startsWith('/') ? '/' : directory, expected),
    )
  })

  it.each([
    ['~/keys/*.json', ['keys/*.json', '/home/olga']],
    ['/keys/*.json', ['/keys/*.json', '']],
    ['keys/*.json', ['keys/*.json', '']],
  ])('looks for credentials with the glob %s', async (claudeConfigs, [pattern, start]) => {
    await accepted({ ...smallest, claudeConfigs })
    expect(searches).toEqual([[pattern, start === '' ? directory : start]])
  })

  it.each([
    [{ publish: 'none' }, { to: 'none' }],
    [{ branch: 'trunk' }, { to: 'branch', branch: 'trunk' }],
    [
      { publish: 'branch', publishBranch: 'night' },
      { to: 'branch', branch: 'night' },
    ],
  ])('publishes %j', async (settings, publish) => {
    expect((await accepted({ ...smallest, ...settings })).publish).toEqual(publish)
  })

  it('gives way to the command line', async () => {
    const { port, host, logLevel, stateDirectory } = await accepted(
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

  it('passes variables on that are nobody’s', async () => {
    const environment = {
      CI: 'true',
      MAX_THINKING_TOKENS: '1000',
      TOKENIZERS_PARALLELISM: 'false',
      HTTPS_PROXY: 'http://proxy.example',
    }
    expect((await accepted({ ...smallest, environment })).environment).toEqual(environment)
  })

  it('finds a repository on this machine from the config directory', async () => {
    expect((await accepted({ ...smallest, repositoryUrl: '../repo' })).repositoryUrl).toBe(
      join(directory, '../repo'),
    )
  })
})

describe('the problems of a configuration', () => {
  it('come all at once, each with file, key, what is wrong, and the remedy', async () => {
    const bad = {
      workerCount: 0,
      claudConfigs: '*',
      runtime: 'dokcer',
      publish: 'none',
      publishBranch: 'x',
      limits: { memmoryMb: 1 },
      environment: { LAUNCH: '1' },
    }
    expect(await problems(bad)).toEqual([
      'orchestrator.json: repositoryUrl is missing\n  → add it: a text in double quotes, for example "https://github.com/org/repo.git"\n',
      'orchestrator.json: workerCount is 0\n  → set it to a whole number from 1 to 50, for example 3\n',
      'orchestrator.json: claudeConfigs is missing\n  → add it: a text in double quotes, for example "~/claude-configs/*.json"\n',
      'orchestrator.json: runtime is "dokcer"\n  → set it to one of "docker", "process"; did you mean "docker"?\n',
      'orchestrator.json: limits.memmoryMb is not a setting\n  → did you mean "limits.memoryMb"?\n',
      'orchestrator.json: claudConfigs is not a setting\n  → did you mean "claudeConfigs"?\n',
      'orchestrator.json: publishBranch has no effect with "publish": "none"\n  → set "publish" to "branch", or remove it\n',
      'orchestrator.json: environment.LAUNCH is set by the orchestrator itself\n  → remove it\n',
    ])
  })

  it.each([
    [{ workerCount: 1.5 }, 'workerCount is 1.5', 'a whole number from 1 to 50'],
    [{ workerCount: 1000 }, 'workerCount is 1000', 'a whole number from 1 to 50'],
    [{ workerCount: '3' }, 'workerCount is a text', 'a whole number from 1 to 50'],
    [{ branch: '--upload-pack=x' }, 'branch is not a branch name', '"main"'],
    [
      { publishBranch: '-x', publish: 'branch' },
      'publishBranch is not a branch name',
      '"orchestrator/main"',
    ],
    [{ publish: 'branch' }, 'publishBranch is missing', 'name the branch'],
    [
      { publish: 'branch', publishBranch: 'main' },
      'publishBranch is the target branch',
      'another branch',
    ],
    [
      { repositoryUrl: 'ext::sh -c id' },
      'repositoryUrl uses git',
      'use https, ssh or a local path',
    ],
    [{ host: 'example.com' }, 'host is not an address', '127.0.0.1'],
    [{ port: 70_000 }, 'port is 70000', 'from 0 to 65535'],
    [{ model: '--help' }, 'model is not in the form', 'claude-sonnet-5-5'],
    [
      { checks: { commands: 'npm test' } },
      'checks.commands is a text',
      'a list, for example ["npm ci","npm test"]',
    ],
    [{ checks: { commands: [''] } }, 'checks.commands.0 is empty', 'a text'],
    [{ memoryMb: 1024 }, 'memoryMb is not a setting', 'did you mean "limits.memoryMb"?'],
    [{ colour: 'red' }, 'colour is not a setting', 'remove it'],
    [{ limits: { backOffSeconds: 100 } }, 'limits.backOffCapSeconds is less', 'at least 100'],
    [{ limits: 3 }, 'limits is 3', 'an object'],
    [
      { environment: { API_TOKEN: 'canary' } },
      'environment.API_TOKEN looks like a secret',
      'keep it out',
    ],
    [
      { environment: { CLAUDE_CONFIG_DIR: '/x' } },
      'environment.CLAUDE_CONFIG_DIR is set by',
      'remove it',
    ],
    [
      { environment: { ANTHROPIC_BASE_URL: 'x' } },
      'environment.ANTHROPIC_BASE_URL decides',
      'credential files',
    ],
    [{ environment: { 'A B': 'x' } }, 'environment.A B is not a name', 'letters'],
    [{ environment: { CI: true } }, 'environment.CI is true', 'a text in double quotes'],
  ])('name what is wrong in %j', async (settings, what, remedy) => {
    const found = await problems({ ...smallest, ...settings })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(`orchestrator.json: ${what}`)
    expect(found[0]).toContain(remedy)
  })

  it('never quote a text that might be a secret', async () => {
    const misplaced = {
      ...smallest,
      repositoryUrl: 'http://me:canary@host/x',
      workerCount: 'canary',
      model: 'canary canary',
      apiKey: 'canary',
    }
    expect(await problems(misplaced)).toHaveLength(4)
    expect((await problems(misplaced)).join()).not.toContain('canary')
  })

  it.each([
    ['{\n  "workerCount": 3,\n}', ':3:1', 'a comma is followed by no key'],
    ['{\n  "claudeConfigs": canary\n}', ':2:20', 'a value is not JSON'],
    ["{ 'workerCount': 3 }", ':1:3', 'double quotes'],
    ['{ "workerCount": 3', ':1:19', 'comma'],
    ['', ':1:1', 'ends before'],
  ])('point into broken JSON: %j', async (text, place, words) => {
    const [found = ''] = await problems(text)
    expect(found).toContain(`orchestrator.json${place}: is not valid JSON`)
    expect(found).toContain(words)
    expect(found).not.toContain('canary')
  })

  it.each(['[]', '3', 'null'])('ask for an object instead of %s', async (text) => {
    expect((await problems(text))[0]).toContain('does not hold an object')
  })

  it('name the option, not the file, when the command line is wrong', async () => {
    expect(await problems(smallest, { port: -1, logLevel: 'inof' })).toEqual([
      'command line: --port is -1\n  → set it to a whole number from 0 to 65535\n',
      'command line: --log-level is "inof"\n  → set it to one of "trace", "debug", "info", "warn", "error"; did you mean "info"?\n',
    ])
  })

  it('say when the glob matches nothing', async () => {
    expect((await problems(smallest, {}, []))[0]).toContain('claudeConfigs matches no file')
  })

  it('say when the place of the credentials cannot be searched', async () => {
    await writeFile(join(directory, 'orchestrator.json'), JSON.stringify(smallest))
    const findFiles = () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }))
    const reading = await readConfiguration(directory, {}, { home: '/home/olga', findFiles })
    expect(reading).toMatchObject({
      ok: false,
      problems: [{ key: 'claudeConfigs', what: 'names a place that cannot be searched (EACCES)' }],
    })
  })

  it('count the credentials that the workers and the Manager need', async () => {
    expect(await problems(smallest, {}, fourFiles.slice(0, 2))).toEqual([
      'orchestrator.json: claudeConfigs matches 2 of the 3 files that the Manager and "workerCount" need\n' +
        '  → add 1, or lower "workerCount" to 1, or set "limits.instancesPerCredential" to 2\n',
    ])
    expect(
      await problems(
        { ...smallest, limits: { instancesPerCredential: 2 } },
        {},
        fourFiles.slice(0, 2),
      ),
    ).toEqual([])
  })

  it('offer no worker count of 0', async () => {
    expect(
      (await problems({ ...smallest, workerCount: 1 }, {}, fourFiles.slice(0, 1)))[0],
    ).not.toContain('to 0')
  })

  it('name a directory or a file that is not there', async () => {
    const surroundings = { home: '/home/olga', findFiles: () => Promise.resolve([]) }
    const missing = await readConfiguration(join(directory, 'gone'), {}, surroundings)
    expect(missing).toMatchObject({
      ok: false,
      problems: [{ file: join(directory, 'gone'), what: 'is not there' }],
    })
    await mkdir(join(directory, 'orchestrator.json'))
    const unreadable = await readConfiguration(directory, {}, surroundings)
    expect(unreadable).toMatchObject({ ok: false, problems: [{ what: 'cannot be read (EISDIR)' }] })
    await rm(join(directory, 'orchestrator.json'), { recursive: true })
    const empty = await readConfiguration(directory, {}, surroundings)
    expect(empty).toMatchObject({
      ok: false,
      problems: [
        { what: 'is not there', remedy: expect.stringContaining('config.example') as string },
      ],
    })
  })
})
