import type { Line } from '../../../src/rehearsal/model/server.ts'
import { type MessagesRequest, textOf } from '../../../src/rehearsal/model/wire.ts'
import { readConversation } from '../../../src/rehearsal/players/conversation.ts'
import type { ScriptedTask } from '../../../src/rehearsal/players/script.ts'
import {
  call,
  complain,
  nextStep,
  speak,
  type Step,
  toAnswer,
} from '../../../src/rehearsal/players/step.ts'
import { stepsOf } from '../../../src/rehearsal/players/work.ts'

/** What a person types, or a script passes to `claude -p`. One line, like those of the server. */
export const rawPrompt = (number: number, task: string): string =>
  `[orchestrator p${number}] Do the task ${task}.`

/**
 * The scripted model for Claude Code without the orchestrator: the very steps of a worker. Where a
 * worker calls a tool of the orchestrator, this one uses Bash, so that both take as many turns.
 */
export function answerRaw(tasks: readonly ScriptedTask[], request: MessagesRequest): Line {
  const conversation = readConversation(request)
  const named = request.messages
    .map(({ content }) => /Do the task ([\w-]+)\./.exec(textOf(content))?.[1])
    .find((id) => id !== undefined)
  const task = tasks.find(({ id }) => id === named)
  const step =
    task === undefined
      ? speak('I wait for a task.')
      : nextStep(rawSteps(task, conversation.workingDirectory), conversation.exchanges, () => [])
  const given = step.type === 'complain' ? complain(step.text) : step
  return {
    answer: toAnswer(given),
    role: 'raw',
    prompt: conversation.prompt,
    complaint: step.type === 'complain' ? step.text : null,
  }
}

function rawSteps(task: ScriptedTask, directory: string | null): readonly Step[] {
  const brief = { task: task.id, kind: 'new', target: 'origin/main', text: '' } as const
  const steps = stepsOf({ task, brief, isFirstVisit: true, directory })
  const begin = call('Bash', {
    command: `git checkout --quiet -B task/${task.id} origin/main`,
    description: 'Begin the task',
  })
  const look = call('Bash', { command: 'git log -1 --format=%h', description: 'Look at the work' })
  return [
    begin,
    ...steps.map((step) => (step.type === 'call' && step.tool.startsWith('mcp__') ? look : step)),
  ]
}
