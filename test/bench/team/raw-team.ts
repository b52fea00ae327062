import { setTimeout as delay } from 'node:timers/promises'
import type { ScriptedTask } from '../../../src/rehearsal/players/script.ts'
import type { Sample } from '../../../src/rehearsal/scenarios/sample.ts'
import { allSettled } from './all-settled.ts'
import { type HookReceiver, receiveHooks } from './hook-receiver.ts'
import type { RawInstance } from './raw-instance.ts'
import { rawPrompt } from './raw-script.ts'
import { openRawStage, type RawUse } from './raw-stage.ts'

export interface RawReading extends RawUse {
  /** Milliseconds from asking for a container to Claude Code at its prompt, for each instance. */
  readonly readyMs: readonly number[]
  /** Milliseconds from asking for the first container to the last instance at its prompt. */
  readonly allReadyMs: number
  /** Milliseconds from each Stop hook to the next UserPromptSubmit hook. */
  readonly handoffMs: readonly number[]
  /** How often Enter had to be pressed again; each of these handoffs took two seconds longer. */
  readonly repeatedEnters: number
}

/** An Enter that Claude Code did not take is pressed again after so long. */
const patienceMs = 2_000

/** Runs the tasks of a sample with bare Claude Code in so many terminals, each with its share. */
export async function runRawTeam(
  sample: Sample,
  workers: number,
  signal: AbortSignal,
): Promise<RawReading> {
  await using stage = await openRawStage(sample, workers)
  await using hooks = await receiveHooks(stage.host)
  const ready = await allSettled(
    stage.names.map(async (name) => {
      const urlOf = (event: string) => hooks.urlOf(name, event)
      const instance = await stage.start(name, { urlOf, script: 'exec claude "$@"' })
      return { instance, readyAt: await instance.untilIdle(signal) }
    }),
  )
  const worked = await allSettled(
    ready.map(({ instance }) => workOff(instance, stage.tasksOf(instance.name), hooks, signal)),
  )
  const firstBegan = Math.min(...ready.map(({ instance }) => instance.began))
  return {
    readyMs: ready.map(({ instance, readyAt }) => readyAt - instance.began),
    allReadyMs: Math.max(...ready.map(({ readyAt }) => readyAt)) - firstBegan,
    handoffMs: worked.flatMap(({ handoffMs }) => handoffMs),
    repeatedEnters: worked.reduce((sum, { repeatedEnters }) => sum + repeatedEnters, 0),
    ...(await stage.used()),
  }
}

/** Waits for idle, types `/clear` and the prompt, and waits for the end of the turn. */
async function workOff(
  instance: RawInstance,
  tasks: readonly ScriptedTask[],
  hooks: HookReceiver,
  signal: AbortSignal,
) {
  const handoffMs: number[] = []
  let repeatedEnters = 0
  /** Types a line; the hook says that it arrived. */
  const enter = async (line: string, event: string) => {
    const done = new AbortController()
    const arrived = hooks.next(instance.name, event, signal)
    arrived.catch(() => undefined)
    instance.type(line)
    const pressing = (async () => {
      while (await delay(patienceMs, true, { signal: done.signal }).catch(() => false)) {
        repeatedEnters += 1
        instance.press()
      }
    })()
    try {
      return await arrived
    } finally {
      done.abort()
      await pressing
    }
  }
  let stopped: number | null = null
  for (const [index, { id }] of tasks.entries()) {
    if (stopped !== null) {
      await instance.untilIdle(signal)
      await enter('/clear', 'SessionStart')
      await instance.untilIdle(signal)
    }
    const ended = hooks.next(instance.name, 'Stop', signal)
    // When the prompt does not arrive, nothing waits for the end of its turn.
    ended.catch(() => undefined)
    const { at } = await enter(rawPrompt(index + 1, id), 'UserPromptSubmit')
    if (stopped !== null) handoffMs.push(at - stopped)
    stopped = (await ended).at
  }
  return { handoffMs, repeatedEnters }
}
