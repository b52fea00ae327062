import type { InstanceId, Launch } from './ids.ts'

/** Fenced by the launch: an event of an older launch changes nothing. */
export interface FromLaunch {
  readonly instance: InstanceId
  readonly launch: Launch
  /** The hook's number in the instance's outbox; a repeated one changes nothing. */
  readonly sequence?: number
}
