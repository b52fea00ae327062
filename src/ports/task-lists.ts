/** One item of a `WORKER_{N}_TASK_LIST.md`. */
export interface ListedTask {
  readonly id: string
  readonly title: string
  readonly body: string
  readonly dependsOn: readonly string[]
  readonly done: boolean
}

export interface ParsedList {
  readonly tasks: readonly ListedTask[]
  /** Items that could not be read, each as one sentence with its line number. */
  readonly problems: readonly string[]
}

export type ParseTaskList = (markdown: string) => ParsedList
