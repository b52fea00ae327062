import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { makeSample } from '../scenarios/sample.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import { ConversationHarness, workerTools } from './conversation-harness.ts'
import { git } from '../sample/repository.ts'
import { bringOwnWork } from './own-work.ts'

const { script } = makeSample(scenarios.plain, 3, 2)
const task = script.tasks[0]?.id ?? ''
const fetch = 'git fetch "$ORCHESTRATOR_HUB" refs/former/main/1'
const onto = `rebase --onto origin/main FETCH_HEAD task/${task}`
const rebase = `git ${onto}`
const how = `Bring only your own work onto it:\n\n\`\`\`\n${fetch}\n${rebase}\n\`\`\`\n\nOnce.`
const briefText = (kind: string, more = '') =>
  `Task: ${task}\nKind: ${kind}\nTarget: origin/main\n\n# A task\n\n${more}`

const commandsIn = (brief: string, refusals: string[] = []) =>
  new ConversationHarness(script, workerTools, ({ name }) => {
    if (name === 'mcp__orchestrator__brief') return brief
    const refusal = name === 'mcp__orchestrator__report_done' ? refusals.shift() : undefined
    return refusal === undefined ? 'ok' : { failure: refusal }
  })
    .say('[orchestrator p1] Your next task is waiting.')
    .map(({ name, input }) =>
      name === 'Bash' ? String(input['command']) : name.split('__').at(-1),
    )

const who = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_COMMITTER_NAME: 'Rehearsal',
  GIT_COMMITTER_EMAIL: 'rehearsal@example.invalid',
}

const commandWith = (...parts: readonly string[]): RegExp =>
  new RegExp(parts.map((part) => part.replace(/[$]/g, String.raw`\$`)).join('.*'))

describe('a worker on a history that a person removed', () => {
  it('runs the commands of the brief of its returned work, and reports', () => {
    expect(commandsIn(briefText('rewritten', how))).toEqual([
      'brief',
      expect.stringMatching(commandWith(fetch, onto)),
      'report_done',
    ])
  })

  it('runs those of a refused report, and reports again', () => {
    const calls = commandsIn(briefText('new'), [
      `Report rejected: it has 2.\n${fetch}\n${rebase}\nResolve.`,
    ])
    expect(calls.slice(-3)).toEqual(['report_done', expect.stringContaining(onto), 'report_done'])
  })

  it('goes on with a rebase that was interrupted', () => {
    const calls = commandsIn(briefText('continue'), ['A rebase is unfinished: conclude it.'])
    expect(calls.slice(-3)).toEqual([
      'report_done',
      expect.stringContaining('rebase --continue'),
      'report_done',
    ])
  })
})

describe('work that is brought onto a rewritten history', () => {
  it.each([
    ['git rebase --onto kept former task'],
    ['git checkout -q -B task kept', 'git cherry-pick -m 1 merge'],
  ])(
    'keeps both sides of a conflict, and nothing that a person removed: %s',
    async (...commands) => {
      const root = await mkdtemp(join(tmpdir(), 'own-work-'))
      const run = (...words: readonly string[]) => git(root, ...words)
      const commit = async (...lines: readonly string[]) => {
        await writeFile(join(root, 'index.js'), ['// a', ...lines, '', ''].join('\n'))
        await run('add', '--all')
        await run('commit', '--quiet', '--message', `Write ${lines.length}`)
      }
      await run('init', '--quiet', '--initial-branch', 'main')
      await commit()
      await run('branch', 'kept')
      await commit('removed')
      await run('branch', 'former')
      await run('switch', '--quiet', '--create', 'task')
      await commit('own', 'removed')
      await run('switch', '--quiet', '--create', 'merge', 'former')
      await run('merge', '--quiet', '--no-ff', '--no-edit', 'task')
      await run('switch', '--quiet', 'kept')
      await commit('others')
      await run('switch', '--quiet', 'task')
      const step = bringOwnWork(commands)
      const command = step.type === 'call' ? String(step.input['command']) : ''
      await promisify(execFile)('sh', ['-c', command], {
        cwd: root,
        env: { ...process.env, ...who },
      })
      const text = await readFile(join(root, 'index.js'), 'utf8')
      expect(text.split('\n').filter(Boolean)).toEqual(['// a', 'others', 'own'])
      expect(await run('rev-parse', 'task^')).toBe(await run('rev-parse', 'kept'))
      await rm(root, { recursive: true })
    },
  )
})
