import { describe, expect, it } from 'vitest'
import { makeSample } from '../scenarios/sample.ts'
import { type ScenarioName, scenarios } from '../scenarios/scenarios.ts'
import type { ScriptedTask } from './script.ts'
import { type ToolStubs, ConversationHarness, workerTools } from './conversation-harness.ts'

const prompt = (number: number) =>
  `[orchestrator p${number}] Your next task is waiting. Call the tool mcp__orchestrator__brief.`
const briefText = (task: string, kind: string, more = '') =>
  `Task: ${task}\nKind: ${kind}\nTarget: origin/main\n\n# A task\n\n${more}`

function scriptFor(name: ScenarioName, position: number) {
  const { script } = makeSample(scenarios[name], 9, 3)
  const task = script.tasks[position - 1]
  if (!task) throw new Error(`the script has no task ${position}`)
  return { script, task }
}

const withBrief =
  (text: string, others: ToolStubs = () => 'ok'): ToolStubs =>
  (call) =>
    call.name === 'mcp__orchestrator__brief' ? text : others(call)

const names = (calls: readonly { name: string }[]) =>
  calls.map(({ name }) => name.replace('mcp__orchestrator__', ''))
const diligence = ['brief', 'Write', 'Write', 'Read', 'Edit', 'Bash', 'report_done']

describe('a worker', () => {
  it('fetches the brief, writes its files, commits and reports', () => {
    const { script, task } = scriptFor('plain', 1)
    const calls = new ConversationHarness(
      script,
      workerTools,
      withBrief(briefText(task.id, 'new')),
    ).say(prompt(1))
    expect(names(calls)).toEqual(diligence)
    expect(calls[1]?.input).toEqual({
      file_path: `/workspace/src/${task.id}.js`,
      content: task.files[0]?.text,
    })
    expect(calls[5]?.input['command']).toContain('git commit')
  })

  it('takes its next prompt from the answer of a Stop hook', () => {
    const { script, task } = scriptFor('plain', 1)
    const read = new ConversationHarness(script, workerTools, withBrief(briefText(task.id, 'new')))
    read.say(prompt(1))
    expect(names(read.say(`Stop hook feedback:\n${prompt(2)}`))).toEqual(diligence)
  })

  it('only talks when it has no prompt', () => {
    const { script } = scriptFor('plain', 1)
    expect(new ConversationHarness(script, workerTools, () => 'ok').say('hello?')).toEqual([])
  })

  it('goes on with what it was doing when other words come', () => {
    const { script, task } = scriptFor('plain', 1)
    const read = new ConversationHarness(script, workerTools, withBrief(briefText(task.id, 'new')))
    read.say(prompt(1))
    expect(read.say('Continue from where you left off.')).toEqual([])
  })

  it('takes a call again whose result was lost in a restart', () => {
    const { script, task } = scriptFor('plain', 1)
    const broken = [
      { role: 'user', content: prompt(1) },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'toolu_x', name: 'mcp__orchestrator__brief', input: {} }],
      },
    ]
    const read = new ConversationHarness(
      script,
      workerTools,
      withBrief(briefText(task.id, 'continue')),
      broken,
    )
    expect(names(read.say('Continue from where you left off.'))).toEqual(diligence)
  })

  it('leaves out the line that an earlier attempt has already written', () => {
    const { script, task } = scriptFor('plain', 1)
    const stubs = withBrief(briefText(task.id, 'continue'), ({ name }) =>
      name === 'Read' ? `1\t${task.entry.line}` : 'ok',
    )
    expect(names(new ConversationHarness(script, workerTools, stubs).say(prompt(1)))).toEqual(
      diligence.filter((name) => name !== 'Edit'),
    )
  })

  it('reads a file before it writes over it', () => {
    const { script, task } = scriptFor('plain', 1)
    const known = new Set<unknown>()
    const stubs = withBrief(briefText(task.id, 'continue'), ({ name, input }) => {
      if (name === 'Read') known.add(input['file_path'])
      return name === 'Write' && !known.has(input['file_path'])
        ? { failure: 'File has not been read yet.' }
        : 'ok'
    })
    const calls = names(new ConversationHarness(script, workerTools, stubs).say(prompt(1)))
    expect(calls).toEqual([
      'brief',
      'Write',
      'Read',
      'Write',
      'Write',
      'Read',
      'Write',
      'Read',
      'Edit',
      'Bash',
      'report_done',
    ])
  })

  it('gives up, visibly, when a tool fails for ever', () => {
    const { script, task } = scriptFor('plain', 1)
    const read = new ConversationHarness(
      script,
      workerTools,
      withBrief(briefText(task.id, 'new'), ({ name }) =>
        name === 'Bash' ? { failure: 'disk full' } : 'ok',
      ),
    )
    expect(names(read.say(prompt(1)))).not.toContain('report_done')
    expect(read.lastWords).toContain('disk full')
  })
})

describe('a worker to whom a task came back', () => {
  it('merges the named target and reports, after a conflict', () => {
    const { script, task } = scriptFor('conflict', 1)
    const calls = new ConversationHarness(
      script,
      workerTools,
      withBrief(briefText(task.id, 'conflict')),
    ).say(prompt(1))
    expect(names(calls)).toEqual(['brief', 'Bash', 'report_done'])
    expect(calls[1]?.input['command']).toContain('git merge --no-edit origin/main')
  })

  it('writes what is right after failed checks', () => {
    const { script, task } = scriptFor('failed-checks', 2)
    const read = (kind: string) =>
      new ConversationHarness(script, workerTools, withBrief(briefText(task.id, kind))).say(
        prompt(1),
      )
    const [flawed, right] = [read('new'), read('checks')].map((calls) => calls[1]?.input['content'])
    expect(right).toBe(task.files[0]?.text)
    expect(flawed).not.toBe(right)
  })
})

describe('a worker with a habit', () => {
  const answered = (task: ScriptedTask) => (task.habit.type === 'asks' ? task.habit.answer : '')

  it('asks, and builds once the brief holds the answer', () => {
    const { script, task } = scriptFor('blocked', 2)
    const turn = (text: string) =>
      names(new ConversationHarness(script, workerTools, withBrief(text)).say(prompt(1)))
    expect(turn(briefText(task.id, 'new'))).toEqual(['brief', 'report_blocked'])
    expect(turn(briefText(task.id, 'continue', answered(task)))).toEqual(diligence)
  })

  it('says that nothing has to change when the target has its work already', () => {
    const { script, task } = scriptFor('plain', 1)
    const refusal = {
      failure:
        'Report rejected:\ntask/a has no commit beyond origin/main: commit the work of the task, ' +
        'or call mcp__orchestrator__report_no_commit if nothing has to change.',
    }
    const stubs = withBrief(briefText(task.id, 'new'), ({ name }) =>
      name === 'mcp__orchestrator__report_done' ? refusal : 'ok',
    )
    const calls = names(new ConversationHarness(script, workerTools, stubs).say(prompt(1)))
    expect(calls).toContain('report_no_commit')
  })

  it('stops without a report, and reports when it is reminded', () => {
    const { script, task } = scriptFor('no-report', 1)
    const read = new ConversationHarness(script, workerTools, withBrief(briefText(task.id, 'new')))
    expect(names(read.say(prompt(1)))).not.toContain('report_done')
    expect(
      names(
        read.say(
          `Stop hook feedback:\n[orchestrator p2] Reminder 1: you stopped without a report.`,
        ),
      ),
    ).toContain('report_done')
  })

  it('reports too early, and commits when the answer says what is missing', () => {
    const { script, task } = scriptFor('uncommitted', 1)
    let isCommitted = false
    const stubs = withBrief(briefText(task.id, 'new'), ({ name }) => {
      if (name === 'Bash') isCommitted = true
      const isTooEarly = name === 'mcp__orchestrator__report_done' && !isCommitted
      return isTooEarly
        ? {
            failure:
              'Report rejected:\nCommit these changes, or remove or ignore the files: ?? src/x.js',
          }
        : 'ok'
    })
    const calls = names(new ConversationHarness(script, workerTools, stubs).say(prompt(1)))
    expect(calls.slice(-3)).toEqual(['report_done', 'Bash', 'report_done'])
  })
})
