import type { InstanceId, TaskId } from '../../src/core/model/ids.ts'
import type { Faults } from './faults.ts'

/** Tasks on which workers stop without a report until a person says how to continue. */
export class StuckTasks {
  readonly #faults: Faults
  readonly #tasks = new Set<TaskId>()

  constructor(faults: Faults) {
    this.#faults = faults
  }

  /** Whether the worker that has read this brief gives up. */
  givesUp(instance: InstanceId, task: TaskId, brief: string): boolean {
    if (brief.includes('Answer of the operator')) {
      this.#tasks.delete(task)
      return false
    }
    if (this.#faults.strike('worker-gives-up', instance)) this.#tasks.add(task)
    return this.#tasks.has(task)
  }
}
