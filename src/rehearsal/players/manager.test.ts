import { describe, expect, it } from 'vitest'
import { makeSample } from '../scenarios/sample.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import { managerTools, type ToolStubs, ConversationHarness } from './conversation-harness.ts'

const { script } = makeSample(scenarios.blocked, 9, 3)
const news =
  '[orchestrator p2] There is news that needs you. Call the tool mcp__orchestrator__state and decide.'

const withState =
  (text: string, others: ToolStubs = () => 'ok'): ToolStubs =>
  (call) =>
    call.name === 'mcp__orchestrator__state' ? text : others(call)

const situation = (phaseOf: (index: number) => string) =>
  `Run: executing\n\n# Tasks\n\n${script.tasks.map(({ id }, index) => `- ${id} [${phaseOf(index)}] worker-1: A title`).join('\n')}`

describe('the Manager', () => {
  it('looks at the state, reads the direction and submits the whole plan', () => {
    const calls = new ConversationHarness(
      script,
      managerTools,
      withState('# Tasks\n\nThere is no plan yet.'),
    ).say('[orchestrator p1] You are the Manager.')
    expect(calls.map(({ name }) => name)).toEqual([
      'mcp__orchestrator__state',
      'Read',
      'mcp__orchestrator__submit_plan',
    ])
    expect(calls[1]?.input).toEqual({ file_path: '/workspace/PROJECT_DIRECTION.md' })
    expect(calls[2]?.input).toMatchObject({
      complete: true,
      tasks: script.tasks.map(({ id, dependsOn }) => ({ id, depends_on: dependsOn })),
    })
  })

  it('answers every blocked task with what its worker wants to know', () => {
    const calls = new ConversationHarness(
      script,
      managerTools,
      withState(situation((index) => (index === 1 ? 'blocked' : 'working'))),
    ).say(news)
    const habit = script.tasks[1]?.habit
    expect(calls.at(-1)).toMatchObject({
      name: 'mcp__orchestrator__answer',
      input: {
        task: script.tasks[1]?.id,
        answer: habit?.type === 'asks' ? habit.answer : 'no question was scripted',
      },
    })
  })

  it('leaves the workers alone while nothing needs it', () => {
    const calls = new ConversationHarness(
      script,
      managerTools,
      withState(situation(() => 'working')),
    ).say(news)
    expect(calls.map(({ name }) => name)).toEqual(['mcp__orchestrator__state'])
  })

  it('finishes when everything is merged, and not before', () => {
    const turn = (phaseOf: (index: number) => string) =>
      new ConversationHarness(script, managerTools, withState(situation(phaseOf))).say(news)
    expect(turn(() => 'merged').at(-1)?.name).toBe('mcp__orchestrator__finish')
    expect(turn((index) => (index === 8 ? 'merging' : 'merged')).at(-1)?.name).toBe(
      'mcp__orchestrator__state',
    )
  })

  it('lets the plan grow by a few tasks at a time while it may, then says that it is complete, and finishes', () => {
    let mayGrow = true
    const growing = { ...script, growth: { batch: 3, mayGrow: () => mayGrow } }
    const turn = (phases: readonly string[], isLow: boolean) => {
      const lines = phases.map(
        (phase, index) => `- ${script.tasks[index]?.id} [${phase}] worker-1: A title`,
      )
      const text = `Run: executing\n\n# Tasks\n\n${lines.join('\n')}\n\n${isLow ? 'Few tasks are left. Submit the next ones with submit_plan.' : ''}`
      return new ConversationHarness(growing, managerTools, withState(text)).say(news).at(-1)
    }
    const ids = (from: number, to: number) => script.tasks.slice(from, to).map(({ id }) => ({ id }))
    const submitted = (tasks: readonly unknown[], complete: boolean) => ({
      name: 'mcp__orchestrator__submit_plan',
      input: { tasks, complete },
    })
    expect(turn([], false)).toMatchObject(submitted(ids(0, 3), false))
    expect(turn(['merged', 'working', 'queued'], true)).toMatchObject(submitted(ids(3, 6), false))
    expect(turn(['merged', 'working', 'queued'], false)?.name).toBe('mcp__orchestrator__state')
    expect(turn(['merged', 'merged', 'merged'], false)).toMatchObject(submitted(ids(3, 6), false))
    mayGrow = false
    expect(turn(['merged', 'working', 'queued'], true)).toMatchObject(submitted([], true))
    expect(turn(['merged', 'merged', 'merged'], false)?.name).toBe('mcp__orchestrator__finish')
  })

  it('stops at a refusal and says which', () => {
    const refusing = withState('There is no plan yet.', ({ name }) =>
      name === 'Read' ? 'text' : { failure: 'names worker 9' },
    )
    const read = new ConversationHarness(script, managerTools, refusing)
    expect(read.say('[orchestrator p1] plan').map(({ name }) => name)).toHaveLength(3)
    expect(read.lastWords).toContain('names worker 9')
  })
})
