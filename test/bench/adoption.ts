import { performance } from 'node:perf_hooks'
import { findEngine } from '../../src/adapters/docker/engine.ts'
import { createDockerRuntime } from '../../src/adapters/docker/runtime.ts'
import { InstanceId } from '../../src/core/model/ids.ts'
import { anOrder, containerOf, dockerOptions, openRuntimeStage } from '../support/runtime-stage.ts'
import { median } from './median.ts'

/**
 * What a starting server adds to the engine's own time to list and inspect running containers. Run
 * by hand: `npm run bench:adoption`; it starts ten idle workers, which takes half a minute, and
 * prints one line.
 */
const workers = 10
const rounds = 25
const most = 1.5

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

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
  const figures = { raw: [] as number[], adopt: [] as number[] }
  // In turns, so that other load on the machine affects both.
  for (let round = 0; round < rounds; round += 1) {
    figures.raw.push(await timed(raw))
    figures.adopt.push(await timed(adopt))
  }
  const [rawMs, adoptMs] = [median(figures.raw), median(figures.adopt)]
  const ratio = adoptMs / rawMs
  process.stdout.write(
    `adoption of ${workers} workers | ${adoptMs.toFixed(1)} ms, ` +
      `${ratio.toFixed(2)} × the ${rawMs.toFixed(1)} ms to list and inspect them | ` +
      `≤ ${most} × | ${ratio <= most ? 'ok' : 'NOT KEPT'}\n`,
  )
  process.exitCode = ratio <= most ? 0 : 1
} finally {
  for (const runtime of adopters) await runtime.instances.ensureAllStopped()
  await stage.close()
}
