import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { gitIdentity } from './git-identity.ts'

const script = fileURLToPath(new URL('../../../docker/tools/environment.sh', import.meta.url))

/** What the tools of an instance export. */
function exported(environment: Readonly<Record<string, string>>) {
  const names = ['AUTHOR_NAME', 'AUTHOR_EMAIL', 'COMMITTER_NAME', 'COMMITTER_EMAIL']
  const print = names.map((name) => `printf '%s\\n' "$GIT_${name}"`).join('; ')
  const env = { INSTANCE_ID: 'worker-2', ORCHESTRATOR_SETTINGS: '/nowhere', ...environment }
  const text = execFileSync('sh', ['-c', `. ${script}; ${print}`], { env, encoding: 'utf8' })
  const [name = '', email = '', committerName = '', committerEmail = ''] = text.split('\n')
  return { author: { name, email }, committer: { name: committerName, email: committerEmail } }
}

describe('the names in the commits of an instance', () => {
  it.each([
    [{}],
    [{ GIT_AUTHOR_NAME: 'Team', GIT_AUTHOR_EMAIL: 'team@example.com' }],
    [{ GIT_COMMITTER_EMAIL: 'bot@example.com', GIT_AUTHOR_NAME: '' }],
  ])('are those that its tools export with %j', (environment: Readonly<Record<string, string>>) => {
    expect(gitIdentity('worker-2', environment)).toEqual(exported(environment))
  })

  it('are its own without a setting', () => {
    const { author } = gitIdentity('worker-2', {})
    expect(author).toEqual({ name: 'worker-2', email: 'worker-2@orchestrator.invalid' })
  })
})
