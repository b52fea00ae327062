import type { TaskId } from '../core/model/ids.ts'

/** The answer of a tool, for the model. The text of a refusal says what to do. */
export interface Reply {
  readonly isRefused: boolean
  readonly text: string
}

export const accepted = (text: string): Reply => ({ isRefused: false, text })
export const refused = (text: string): Reply => ({ isRefused: true, text })

/** The chaos checker reads the task of an accepted report from this text: `Word: <task>.` */
export const acknowledge = {
  reported: (task: TaskId): Reply => accepted(`Accepted: ${task}. Stop now.`),
  blocked: (task: TaskId): Reply =>
    accepted(`Your question about ${task} was sent to the Manager. Stop now.`),
}

export const unknownTask = (task: TaskId): string =>
  `Rejected: call brief first. It describes the task that you hold now, ${task}; your report may ` +
  'belong to an earlier one.'
