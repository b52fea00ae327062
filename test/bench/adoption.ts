import { performance } from 'node:perf_hooks'
import { findEngine } from '../../src/adapters/docker/engine.ts'
import { createDockerRuntime } from '../../src/adapters/docker/runtime.ts'
import { InstanceId } from '../../src/core/model/ids.ts'
import { anOrder, containerOf, dockerOptions, openRuntimeStage } from '../support/runtime-stage.ts'
import type { Bench } from './bench.ts'
import { median } from './median.ts'
import { type Row, rowOfPairs } from './row.ts'

/** Adoptions in a round. */
const times = 5
const goal = { of: 'ratio', most: 1.5 } as const

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/**
 * What a starting server adds to the engine's own time to list and inspect running containers. It
 * starts ten idle workers for it, in quick mode three.
 */
export async function measureAdoption({ isQuick, rounds }: Bench): Promise<readonly Row[]> {
  const workers = isQuick ? 3 : 10
  const stage = await openRuntimeStage()
  const ids = Array.from({ length: workers }, (_, index) => InstanceId(`worker-${index + 1}`))
  const starter = createDockerRuntime(dockerOptions(stage))
  const adopters = [starter]
  try {
    await starter.ensureUsable()
    for (const [index, instance] of ids.entries())
      await starter.instances.ensureRunning(
        anOrder({ instance, number: index + 1, totalWorkers: workers }),
      )
    const { api } = findEngine()
    const label = [`claude-code-orchestrator.run=${stage.run}`]
    const raw = async (): Promise<void> => {
      await api.listContainers({ all: true, filters: { label } })
      for (const instance of ids) await api.getContainer(containerOf(stage, instance)).inspect()
    }
    const adopt = async (): Promise<void> => {
      const runtime = createDockerRuntime(dockerOptions(stage))
      adopters.push(runtime)
      const found = await runtime.instances.listRunning()
      if (found.length !== workers) throw new Error(`${found.length} of ${workers} were adopted`)
    }
    await raw()
    await adopt()
    const pairs = await rounds(isQuick ? 2 : 5, async () => {
      const taken = { raw: [] as number[], product: [] as number[] }
      for (let time = 0; time < times; time += 1) {
        taken.raw.push(await timed(raw))
        taken.product.push(await timed(adopt))
      }
      return { raw: median(taken.raw), product: median(taken.product) }
    })
    return [rowOfPairs(`adoption of ${workers} workers, ms`, pairs, goal)]
  } finally {
    for (const runtime of adopters) await runtime.instances.ensureAllStopped()
    await stage.close()
  }
}
