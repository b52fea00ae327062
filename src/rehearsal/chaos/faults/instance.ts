import { glob, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { docker, linesOf, output, succeeds } from '../world/command.ts'
import type { View } from '../world/observer.ts'
import {
  type Inject,
  instanceIn,
  isAtWork,
  isGone,
  type FaultContext,
} from '../world/fault-context.ts'

const containerOf = ({ run }: FaultContext, instance: string): string =>
  `orchestrator-${run}-${instance}`

/** A newer launch is at work. */
const isRestarted = (instance: string, before: number) => {
  return ({ status }: View): boolean => {
    const found = instanceIn(status, instance)
    return (
      found !== undefined &&
      (isGone(found.phase) || (found.launch > before && isAtWork(found.phase)))
    )
  }
}

/** It goes on: the model has answered it since, or it has nothing to do. */
const isAnsweredSince = (scene: FaultContext, instance: string, since: () => number) => {
  return ({ status }: View): boolean => {
    const found = instanceIn(status, instance)
    if (!found) return false
    const { model } = scene
    const hasAsked = model.requests.some(
      ({ at, credential, answered }) =>
        at > since() &&
        answered === 'message' &&
        found.credential !== null &&
        hasName(credential, found.credential),
    )
    return isGone(found.phase) || found.phase === 'ready' || (isAtWork(found.phase) && hasAsked)
  }
}

const hasName = (secret: string, credential: string): boolean =>
  new RegExp(`rehearsal-${credential.replace('key-', '')}(?:-r\\d+)?$`).test(secret)

export const killContainer: Inject = async (scene, { victim }) => {
  const launch = instanceIn(scene.status(), victim)?.launch ?? 0
  const isKilled = await succeeds(docker('kill', '--signal', 'KILL', containerOf(scene, victim)))
  return isKilled ? { isWhole: isRestarted(victim, launch) } : null
}

/**
 * The disk was full, or the machine lost its power: the last line of what it remembers is not
 * whole, and it is gone.
 */
export const cutTranscript: Inject = async (scene, fault) => {
  const home = join(scene.setup.state, 'instances', fault.victim, 'home')
  let newest = { path: '', size: 0, time: 0 }
  for await (const name of glob('.claude/projects/*/*.jsonl', { cwd: home })) {
    const { size, mtimeMs } = await stat(join(home, name))
    if (mtimeMs > newest.time) newest = { path: join(home, name), size, time: mtimeMs }
  }
  if (newest.path === '') return null
  await truncate(newest.path, Math.max(0, newest.size - cutBytes))
  return killContainer(scene, fault)
}

const cutBytes = 20

/** The container's first process is its init: the agent is one of the others. */
export const killAgent: Inject = async (scene, { victim }) => {
  const launch = instanceIn(scene.status(), victim)?.launch ?? 0
  const isKilled = await succeeds(
    docker('exec', containerOf(scene, victim), 'pkill', '-KILL', '-x', 'claude'),
  )
  return isKilled ? { isWhole: isRestarted(victim, launch) } : null
}

/** A command of the agent dies in the middle of what it does. */
export const killTool: Inject = async (scene, { victim }) => {
  const script = 'agent=$(pgrep -x claude | head -n 1) && pkill -KILL -P "$agent"'
  const since = Date.now()
  const isKilled = await succeeds(docker('exec', containerOf(scene, victim), 'sh', '-c', script))
  return isKilled ? { isWhole: isAnsweredSince(scene, victim, () => since) } : null
}

/** What carries its hooks, its tools and its connections dies; it is started again. */
export const killCarrier: Inject = async (scene, { victim }) => {
  const since = Date.now()
  const isKilled = await signalCarrier(containerOf(scene, victim), 'KILL')
  return isKilled ? { isWhole: isAnsweredSince(scene, victim, () => since) } : null
}

const signalCarrier = (container: string, signal: string): Promise<boolean> =>
  succeeds(docker('exec', container, 'pkill', `-${signal}`, '-f', 'carrier/main'))

export const pauseContainer: Inject = async (scene, { victim }) => {
  const container = containerOf(scene, victim)
  if (!(await succeeds(docker('pause', container)))) return null
  let healedAt = Number.POSITIVE_INFINITY
  return {
    heal: async () => {
      await succeeds(docker('unpause', container))
      healedAt = Date.now()
    },
    isWhole: isAnsweredSince(scene, victim, () => healedAt),
  }
}

/**
 * The model cannot be reached, and connections to it break. Without a network of its own the
 * container loses its carrier, and with it hooks and tools.
 */
export const cutNetwork: Inject = async (scene, { victim }) => {
  const container = containerOf(scene, victim)
  const network = `orchestrator-${scene.run}`
  const isOff = await succeeds(docker('network', 'disconnect', network, container))
  if (!isOff && !(await signalCarrier(container, 'STOP'))) return null
  let healedAt = Number.POSITIVE_INFINITY
  return {
    heal: async () => {
      if (isOff) await succeeds(docker('network', 'connect', network, container))
      else await signalCarrier(container, 'KILL')
      healedAt = Date.now()
    },
    isWhole: isAnsweredSince(scene, victim, () => healedAt),
  }
}

/** Escape in its terminal, which ends a turn without a Stop. */
export const interrupt: Inject = async (scene, { victim }) => {
  if (instanceIn(scene.status(), victim)?.phase !== 'working') return null
  const since = Date.now()
  const isPressed = await succeeds(
    output('tmux', '-L', scene.socket, 'send-keys', '-t', `=${victim}:`, 'Escape'),
  )
  return isPressed ? { isWhole: isAnsweredSince(scene, victim, () => since) } : null
}

export const closeTerminal: Inject = async (scene, { victim }) => {
  const isClosed = await succeeds(
    output('tmux', '-L', scene.socket, 'kill-session', '-t', `=${victim}`),
  )
  return isClosed ? { isWhole: hasTerminals(scene) } : null
}

export const killTerminals: Inject = async (scene) => {
  const pid = await output('tmux', '-L', scene.socket, 'display-message', '-p', '#{pid}').catch(
    () => '',
  )
  if (!/^\d+$/.test(pid)) return null
  process.kill(Number(pid), 'SIGKILL')
  return { isWhole: hasTerminals(scene) }
}

/** Every instance at work has a terminal. */
const hasTerminals =
  ({ socket }: FaultContext) =>
  async ({ status }: View): Promise<boolean> => {
    if (status === null) return false
    const sessions = linesOf(
      await output('tmux', '-L', socket, 'list-sessions', '-F', '#{session_name}').catch(() => ''),
    )
    return status.instances.every(({ id, phase }) => !isAtWork(phase) || sessions.includes(id))
  }
