/** What the players do: every decision that a model would make, written down beforehand. */
export interface Script {
  readonly tasks: readonly ScriptedTask[]
  /** Not given: the first plan holds every task. */
  readonly growth?: Growth
  /** The Manager never says that the plan is complete, and never finishes the run. */
  readonly neverCompletes?: true
  /** The Manager's last word. */
  readonly report: string
}

/**
 * A plan that grows: the Manager submits a few tasks at a time, and more as long as the queue runs
 * low and it may.
 */
export interface Growth {
  readonly batch: number
  readonly mayGrow: () => boolean
}

export interface ScriptedTask {
  readonly id: string
  readonly title: string
  readonly body: string
  readonly dependsOn: readonly string[]
  /** The worker whom the Manager names; null leaves the choice to the server. */
  readonly worker: number | null
  readonly files: readonly ScriptedFile[]
  /** The line that makes the work public, and the line of the same file below which it belongs. */
  readonly entry: { readonly path: string; readonly below: string; readonly line: string }
  readonly habit: Habit
}

export interface ScriptedFile {
  readonly path: string
  readonly text: string
}

/**
 * How a worker goes about its task; everything but `diligent` is something that real workers do.
 */
export type Habit =
  | { readonly type: 'diligent' | 'forgets-report' | 'forgets-commit' | 'delegates' }
  /** Squashes its branch by a soft reset to a target that others have changed since. */
  | { readonly type: 'squashes' }
  /** Reports that its files are there already, or does not report because a person builds them. */
  | { readonly type: 'needs-no-commit' | 'done-by-hand' }
  /**
   * Finishes only after the others have begun, so that they build on the same base and touch the
   * same lines.
   */
  | { readonly type: 'collides'; readonly others: readonly string[] }
  | { readonly type: 'asks'; readonly question: string; readonly answer: string }
  /** Begins after its brief only when what the scenario does beside the work lets it. */
  | { readonly type: 'awaits'; readonly tries: number }
  /** What it writes at first; the right files follow when the checks fail. */
  | { readonly type: 'breaks-checks'; readonly flawed: readonly ScriptedFile[] }

/** Ends as done, without a merge of its own. */
export const isWithoutMerge = ({ habit }: ScriptedTask): boolean =>
  habit.type === 'needs-no-commit' || habit.type === 'done-by-hand'

/** How often workers take up a task when nothing goes wrong but what its habit brings along. */
export const triesOf = ({ habit }: ScriptedTask): number =>
  habit.type === 'awaits'
    ? habit.tries
    : ['collides', 'asks', 'breaks-checks'].includes(habit.type)
      ? 2
      : 1
