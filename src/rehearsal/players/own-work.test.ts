import { describe, expect, it } from 'vitest'
import { makeSample } from '../scenarios/sample.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import { ConversationHarness, workerTools } from './conversation-harness.ts'

const { script } = makeSample(scenarios.plain, 3, 2)
const task = script.tasks[0]?.id ?? ''
const fetch = 'git fetch "$ORCHESTRATOR_HUB" refs/former/main/1'
const rebase = `git rebase --onto origin/main FETCH_HEAD task/${task}`
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

describe('a worker on a history that a person removed', () => {
  it('runs the commands of the brief of its returned work, and reports', () => {
    expect(commandsIn(briefText('rewritten', how))).toEqual([
      'brief',
      expect.stringContaining(` && ${fetch} && ${rebase}`),
      'report_done',
    ])
  })

  it('runs those of a refused report, and reports again', () => {
    const calls = commandsIn(briefText('new'), [
      `Report rejected: it has 2.\n${fetch}\n${rebase}\nResolve.`,
    ])
    expect(calls.slice(-3)).toEqual(['report_done', expect.stringContaining(rebase), 'report_done'])
  })
})
