import { describe, expect, it } from 'vitest'
import { smallest, useConfigDirectory } from '../../test/support/config-directory.ts'

const config = useConfigDirectory()
const problem = (what: string, remedy: string) => `${what}\n  → ${remedy}\n`

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
    expect(await config.problems(bad)).toEqual([
      problem(
        'orchestrator.json: repositoryUrl is missing',
        'add it: a string in double quotes, for example "https://github.com/org/repo.git"',
      ),
      problem(
        'orchestrator.json: workerCount is 0',
        'set it to a whole number from 1 to 50, for example 3',
      ),
      problem(
        'orchestrator.json: claudeConfigs is missing',
        'add it: a string in double quotes, for example "~/claude-configs/*.json"',
      ),
      problem(
        'orchestrator.json: runtime is "dokcer"',
        'set it to one of "docker", "process"; did you mean "docker"?',
      ),
      problem(
        'orchestrator.json: limits.memmoryMb is not a setting',
        'did you mean "limits.memoryMb"?',
      ),
      problem('orchestrator.json: claudConfigs is not a setting', 'did you mean "claudeConfigs"?'),
      problem(
        'orchestrator.json: publishBranch has no effect with "publish": "none"',
        'set "publish" to "branch", or remove it',
      ),
      problem(
        'orchestrator.json: environment.LAUNCH is set by the orchestrator itself',
        'remove it',
      ),
    ])
  })

  it.each([
    [{ workerCount: 1.5 }, 'workerCount is 1.5', 'a whole number from 1 to 50'],
    [{ workerCount: 1000 }, 'workerCount is 1000', 'a whole number from 1 to 50'],
    [{ workerCount: '3' }, 'workerCount is a string', 'a whole number from 1 to 50'],
    [
      { branch: 'task', runtime: 'process' },
      'branch leaves no room for the branches task/<task>',
      '"docker"',
    ],
    [
      { checks: { network: 'none' }, runtime: 'process' },
      'checks.network cannot be "none" with "runtime": "process"',
      'remove it',
    ],
    [
      { isolation: 'gvisor', runtime: 'process' },
      'isolation cannot be "gvisor" with "runtime": "process"',
      'remove it, or set "runtime" to "docker"',
    ],
    [
      { network: 'sealed', runtime: 'process' },
      'network cannot be "sealed" with "runtime": "process"',
      'remove it',
    ],
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
    [{ publicUrl: 'team.example' }, 'publicUrl is not an http', 'https://orchestrator'],
    [{ publicUrl: 'https://team.example/x' }, 'publicUrl is not an http', 'https://orchestrator'],
    [{ publicUrl: 'https://me:pw@team.example' }, 'publicUrl is not', 'https://orchestrator'],
    [{ port: 70_000 }, 'port is 70000', 'from 0 to 65535'],
    [{ model: '--help' }, 'model is not in the required form', 'claude-sonnet-5-5'],
    [
      { checks: { commands: 'npm test' } },
      'checks.commands is a string',
      'a list, for example ["npm ci","npm test"]',
    ],
    [{ checks: { commands: [''] } }, 'checks.commands.0 is empty', 'a string'],
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
    [{ environment: { 'A B': 'x' } }, 'environment.A B is not a valid variable name', 'letters'],
    [{ environment: { CI: true } }, 'environment.CI is true', 'a string in double quotes'],
  ])('name what is wrong in %j', async (settings, what, remedy) => {
    const found = await config.problems({ ...smallest, ...settings })
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
    expect(await config.problems(misplaced)).toHaveLength(4)
    expect((await config.problems(misplaced)).join()).not.toContain('canary')
  })

  it('name the option, not the file, when the command line is wrong', async () => {
    expect(await config.problems(smallest, { port: -1, logLevel: 'inof' })).toEqual([
      problem('command line: --port is -1', 'set it to a whole number from 0 to 65535'),
      problem(
        'command line: --log-level is "inof"',
        'set it to one of "trace", "debug", "info", "warn", "error"; did you mean "info"?',
      ),
    ])
  })
})
