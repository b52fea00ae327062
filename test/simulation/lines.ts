import { LineId, RepositoryId, type TaskId } from '../../src/core/model/ids.ts'
import type { LineTip } from '../../src/core/model/line.ts'
import type { PlannedTask } from '../../src/core/model/plan.ts'
import type { State } from '../../src/core/model/state.ts'
import type { Repository } from '../../src/ports/repository.ts'
import { createFakeRepository, type FakeRepository } from '../fakes/repository.ts'
import { Random } from './random.ts'

/** One hub and origin for each line of a run; a line has the name of its branch. */
export type Lines<Hub extends Repository = FakeRepository> = ReadonlyMap<LineId, Hub>

/** One to three lines; more than half of the seeds have one. */
export function linesOf(seed: number): Lines {
  const random = Random.named(seed, 'lines')
  const names = ['main', 'site', 'tools'].slice(0, random.chance(60) ? 1 : random.between(2, 3))
  return new Map(
    names.map((name, index) => [
      LineId(name),
      createFakeRepository({
        files: { 'PROJECT_DIRECTION.md': '# Build\n', 'index.js': 'top\n' },
        target: name,
        commitPrefix: String(index),
      }),
    ]),
  )
}

/** The tasks, spread over the lines. */
export function spread(
  seed: number,
  lines: Lines,
  plan: readonly PlannedTask[],
): readonly PlannedTask[] {
  const random = Random.named(seed, 'lines of tasks')
  const [lead, ...others] = [...lines.keys()]
  if (lead === undefined || others.length === 0) return plan
  return plan.map((task) => ({ ...task, line: random.pick([null, lead, ...others]) }))
}

/** Throws for an unknown line. */
export function hubOf<Hub extends Repository>(lines: Lines<Hub>, line: LineId): Hub {
  const found = lines.get(line)
  if (found === undefined) throw new Error(`there is no line ${line}`)
  return found
}

/** What the server reads of the lines when it starts. */
export function tipsOf(lines: Lines<Repository>): Promise<readonly LineTip[]> {
  return Promise.all(
    [...lines].map(async ([id, hub]) => {
      const { head } = await hub.ensureReady()
      return { id, repository: RepositoryId(id), branch: id, head }
    }),
  )
}

export function lineOf({ tasks }: State, task: TaskId): LineId {
  const line = tasks.get(task)?.line
  if (line === undefined) throw new Error(`there is no task ${task}`)
  return line
}
