import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOrigin, git } from '../sample/repository.ts'
import { makeSample } from '../scenarios/sample.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import { ConversationHarness, type ToolStubs, workerTools } from './conversation-harness.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'origin-merge-'))
})
afterEach(() => rm(root, { recursive: true }))

const { script } = makeSample(scenarios.plain, 3, 2)
const fetchLine = 'git fetch "$ORCHESTRATOR_HUB" refs/upstream/main'
const briefText = (kind: string): string =>
  `Task: merge-origin\nKind: ${kind}\nTarget: origin/main\n\n# Merge it\n\n` +
  `Merge them:\n\n\`\`\`\n${fetchLine}\ngit merge FETCH_HEAD\n\`\`\`\n`

const say = (kind: string, others: ToolStubs = () => 'ok') =>
  new ConversationHarness(script, workerTools, (call) =>
    call.name === 'mcp__orchestrator__brief' ? briefText(kind) : others(call),
  ).say('[orchestrator p1] Your next task is waiting.')
const names = (calls: ReturnType<typeof say>) => calls.map(({ name }) => name.split('__').at(-1))

describe('a worker that merges what others pushed', () => {
  it('fetches, keeps both sides and reports', () => {
    const calls = say('origin')
    expect(names(calls)).toEqual(['brief', 'Bash', 'report_done'])
    expect(calls[1]?.input['command']).toContain(`${fetchLine} && `)
  })

  it('merges the target, too, when that conflicts by now', () => {
    const calls = say('conflict')
    expect(names(calls)).toEqual(['brief', 'Bash', 'Bash', 'report_done'])
    expect(calls[1]?.input['command']).toContain('git merge --no-edit origin/main')
  })

  it('merges again when others have pushed more meanwhile', () => {
    let isRefused = false
    const calls = say('origin', ({ name }) => {
      if (name !== 'mcp__orchestrator__report_done' || isRefused) return 'ok'
      isRefused = true
      return {
        failure: 'Report rejected: your branch does not contain c0ffee, which others pushed',
      }
    })
    expect(names(calls)).toEqual(['brief', 'Bash', 'report_done', 'Bash', 'report_done'])
  })

  it('has the lines of both sides and no marker in the commit', async () => {
    const [hub, work] = [join(root, 'hub.git'), join(root, 'work')]
    await createOrigin(hub, 'main', [{ path: 'index.js', text: '// first\n// end\n' }])
    await git(root, 'clone', '--quiet', hub, work)
    const write = async (line: string): Promise<void> => {
      await writeFile(join(work, 'index.js'), `// first\n${line}\n// end\n`)
      await git(work, 'commit', '--quiet', '--all', '--message', line)
    }
    await write('// theirs')
    await git(work, 'push', '--quiet', 'origin', 'HEAD:refs/upstream/main')
    await git(work, 'reset', '--quiet', '--hard', 'HEAD~1')
    await write('// ours')
    const command = say('origin')[1]?.input['command']
    await git(work, 'config', 'user.name', 'Worker')
    await git(work, 'config', 'user.email', 'worker@example.invalid')
    await promisify(execFile)('sh', ['-c', String(command)], {
      cwd: work,
      env: { PATH: process.env['PATH'], HOME: root, ORCHESTRATOR_HUB: hub },
    })
    expect((await readFile(join(work, 'index.js'), 'utf8')).split('\n').toSorted()).toEqual([
      '',
      '// end',
      '// first',
      '// ours',
      '// theirs',
    ])
    expect(await git(work, 'rev-list', '--count', 'HEAD^1..HEAD^2')).toBe('1')
    expect(await git(work, 'status', '--porcelain')).toBe('')
  })
})
