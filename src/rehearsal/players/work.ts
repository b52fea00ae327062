import { posix } from 'node:path'
import type { Brief } from './brief.ts'
import { bringOwnWork, ownWorkCommands } from './own-work.ts'
import type { Habit, ScriptedFile, ScriptedTask } from './script.ts'
import { call, speak, type Step } from './step.ts'

export interface Assignment {
  readonly task: ScriptedTask
  readonly brief: Brief
  /** This conversation holds no earlier try. */
  readonly isFirstVisit: boolean
  /** Claude Code's file tools want absolute paths. */
  readonly directory: string | null
}

/** Everything a worker does between its brief and the end of its turn. */
export function stepsOf(assignment: Assignment): readonly Step[] {
  const { task, brief, isFirstVisit } = assignment
  if (brief.kind === 'conflict')
    return [
      mergeBothSides(brief.target),
      ...report(`Kept both sides of the conflict in ${task.id}.`),
    ]
  const commands = brief.kind === 'rewritten' ? ownWorkCommands(brief.text) : null
  if (commands !== null)
    return [bringOwnWork(commands), ...report(`Brought ${task.id} onto the new history.`)]
  if (brief.kind === 'checks')
    return [
      ...build(assignment, task.files),
      commit(`Correct ${task.id}`),
      ...report(`Corrected ${task.id}.`),
    ]
  return isFirstVisit || task.habit.type === 'asks'
    ? habitual(assignment, task.habit)
    : diligent(assignment)
}

function habitual(assignment: Assignment, habit: Habit): readonly Step[] {
  const { task, brief } = assignment
  switch (habit.type) {
    case 'diligent':
    case 'awaits':
    case 'collides':
      return diligent(assignment)
    case 'delegates':
      return [delegate, ...diligent(assignment)]
    case 'squashes':
      return [
        ...build(assignment, task.files),
        commit(task.title),
        squash(brief.target, task.title),
        ...report(task.title),
      ]
    case 'asks':
      return brief.text.includes(habit.answer) ? diligent(assignment) : ask(habit.question)
    case 'forgets-report':
      return [...build(assignment, task.files), commit(task.title), speak('The module is written.')]
    case 'needs-no-commit':
      return [
        readFile(placeOf(assignment, task.files[0]?.path ?? task.entry.path)),
        reportNoCommit,
        speak('Nothing is to be done.'),
      ]
    case 'done-by-hand':
      return [linger, speak('A person builds it.')]
    case 'forgets-commit':
      return [...build(assignment, task.files), ...report(task.title)]
    case 'breaks-checks':
      return [...build(assignment, habit.flawed), commit(task.title), ...report(task.title)]
  }
}

export const noCommitTool = 'mcp__orchestrator__report_no_commit'

export const reportNoCommit = call(noCommitTool, { reason: 'The target branch has it already.' })

/** Longer than a person takes for the task. */
const linger = call('Bash', { command: 'sleep 25', description: 'Wait' })

const placeOf = ({ directory }: Assignment, file: string): string =>
  directory === null ? file : posix.join(directory, file)

const diligent = (assignment: Assignment): readonly Step[] => [
  ...build(assignment, assignment.task.files),
  commit(assignment.task.title),
  ...report(assignment.task.title),
]

/** How a subagent is recognised: its conversation begins with this. */
export const delegatedWork = 'Look whether the library offers the conversion already.'

const delegate = call('Agent', {
  description: 'Look around',
  prompt: delegatedWork,
  subagent_type: 'general-purpose',
})

/** Safe to do again: after an interruption some of it may be there already. */
function build({ task, directory }: Assignment, files: readonly ScriptedFile[]): readonly Step[] {
  const { path, below, line } = task.entry
  const place = (file: string) => (directory === null ? file : posix.join(directory, file))
  return [
    ...files.map(({ path: file, text }) =>
      call('Write', { file_path: place(file), content: text }),
    ),
    readFile(place(path)),
    call(
      'Edit',
      { file_path: place(path), old_string: `${below}\n`, new_string: `${below}\n${line}\n` },
      line,
    ),
  ]
}

export const readFile = (path: string): Step => call('Read', { file_path: path })

export const commit = (message: string): Step =>
  call('Bash', {
    command: `git add --all && { git diff --cached --quiet || git commit --quiet --message "${message}"; }`,
    description: 'Commit the work',
  })

/**
 * Waits up to a minute for others to merge, then puts the whole branch into one commit. What others
 * merged meanwhile reads in that commit as it did before.
 */
const squash = (target: string, message: string): Step => {
  const branch = target.replace(/^origin\//, '')
  return call('Bash', {
    command: [
      'for second in $(seq 60); do',
      `git fetch --quiet "$ORCHESTRATOR_HUB" ${branch};`,
      `[ -z "$(git log --merges --format=%h HEAD..FETCH_HEAD)" ] || break; sleep 1; done`,
      `&& git reset --quiet --soft FETCH_HEAD && git commit --quiet --message "${message}"`,
    ].join(' '),
    description: 'Squash the branch onto the newest target',
  })
}

/** What a worker does when its report was refused because it undoes what others changed. */
export function restore({ task, brief, directory }: Assignment, reason: string): readonly Step[] {
  const paths = [...reason.matchAll(/^- (\S+)$/gm)].map(([, path]) => path)
  const commands = paths.map(
    (path) =>
      `{ git checkout --quiet ${brief.target} -- ${path} || git rm --quiet --force ${path}; }`,
  )
  return [
    call('Bash', { command: commands.join(' && '), description: 'Restore what others changed' }),
    ...build({ task, brief, directory, isFirstVisit: true }, []),
    commit(restored(task.id)),
  ]
}

/** The subject of the commit that shows that a report was refused. */
export const restored = (task: string): string => `Restore what others changed beside ${task}`

/**
 * Both sides' lines stay: the sample's conflicts are two additions at the same place. `fetch` is a
 * command that has to succeed first.
 */
export const mergeBothSides = (target: string, fetch = 'true'): Step =>
  call('Bash', {
    command: [
      `${fetch} && { git merge --no-edit ${target} ||`,
      `git diff --name-only --diff-filter=U | xargs sed -i -e '/^<<<<<<< /d' -e '/^=======$/d' -e '/^>>>>>>> /d'; }`,
      '&& git add --all && { ! git rev-parse --quiet --verify MERGE_HEAD || git commit --quiet --no-edit; }',
    ].join(' '),
    description: 'Merge and keep both sides',
  })

export const report = (summary: string): readonly Step[] => [
  call('mcp__orchestrator__report_done', { summary }),
  speak('Done and reported.'),
]

const ask = (question: string): readonly Step[] => [
  call('mcp__orchestrator__report_blocked', { question }),
  speak('I wait for the answer to my question.'),
]
