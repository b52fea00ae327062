import { holds, recognise, type ScreenState } from '../../claude/screen/screen.ts'
import type { InstanceId } from '../../core/model/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AgentStatusSource, AgentSignals } from '../observe/agent-status.ts'
import type { Key, Terminals } from '../../ports/terminals.ts'

export interface PromptDelivery {
  readonly instance: InstanceId
  /** Short and on one line: of more than 800 characters Claude Code makes a paste that speaks for nobody. */
  readonly line: string
  /** Clears the conversation first. */
  readonly fresh: boolean
  /** 1 for the first time; later times look at the screen before they type. */
  readonly tries: number
}

export interface TypingParts {
  readonly terminals: Terminals
  readonly facts: AgentStatusSource
  readonly clock: Clock
}

export interface Obstacle {
  readonly obstacle: string
  /** Nothing that is typed there will help. */
  readonly isHopeless: boolean
}

/** An idle agent says so within 0.12 s of its Stop hook, and clears within 0.6 s, on a busy machine (docs/claude-code.md). */
const statusTimeoutMs = 4_000
/** Between two looks: keys have been drawn by then, and a second C-c would not count as the other half of a pair. */
const lookEveryMs = 1_000
const looks = 5

/**
 * Types a prompt. Sent means typed: whether it arrived is told by its UserPromptSubmit hook. Every step waits for a fact, since a
 * line that is typed behind an unanswered `/clear` or into a starting agent is lost or glued to what stands there.
 */
export async function typePrompt(
  delivery: PromptDelivery,
  parts: TypingParts,
): Promise<'sent' | Obstacle> {
  const { instance, line, fresh, tries } = delivery
  const { terminals } = parts
  const isQuiet = await signalledInTime(
    instance,
    ({ status }) => status !== null && status !== 'busy',
    parts,
  )
  if (tries > 1 || !isQuiet || parts.facts.signalsOf(instance).status === 'waiting') {
    const sighting = await clearScreen(instance, parts, line)
    if (holds(sighting, line)) {
      await terminals.press(instance, 'Enter')
      return 'sent'
    }
    if (!isAtPrompt(sighting))
      return { obstacle: sighting.name, isHopeless: sighting.remedy === 'restart' }
  }
  if (fresh && !(await clearConversation(instance, parts)))
    return { obstacle: 'clear-unanswered', isHopeless: false }
  await type(instance, line, terminals)
  return 'sent'
}

/**
 * Removes what stands between an agent and its prompt, one step and one look at a time: dialogs, menus, forgotten text. Answers what
 * stood there last: an empty prompt, or `ours` waiting in the box, or what could not be removed.
 */
export async function clearScreen(
  instance: InstanceId,
  { terminals, clock }: Omit<TypingParts, 'facts'>,
  ours = '',
): Promise<ScreenState> {
  let sighting = recognise(await terminals.screen(instance))
  if (sighting.name === 'unknown') {
    await terminals.redraw(instance)
    await pause(clock, lookEveryMs)
    sighting = recognise(await terminals.screen(instance))
  }
  for (let look = 1; look < looks && !holds(sighting, ours) && isRemovable(sighting); look += 1) {
    for (const key of sighting.remedy) await terminals.press(instance, key)
    await pause(clock, lookEveryMs)
    sighting = recognise(await terminals.screen(instance))
  }
  return sighting
}

async function clearConversation(instance: InstanceId, parts: TypingParts): Promise<boolean> {
  const { clears } = parts.facts.signalsOf(instance)
  await type(instance, '/clear', parts.terminals)
  return signalledInTime(
    instance,
    (heard) => heard.clears > clears && heard.status !== 'busy',
    parts,
  )
}

async function type(instance: InstanceId, line: string, terminals: Terminals): Promise<void> {
  await terminals.paste(instance, line)
  await terminals.press(instance, 'Enter')
}

const isAtPrompt = ({ remedy }: ScreenState): boolean =>
  Array.isArray(remedy) && remedy.length === 0

const isRemovable = (sighting: ScreenState): sighting is ScreenState & { remedy: readonly Key[] } =>
  Array.isArray(sighting.remedy) && sighting.remedy.length > 0

async function signalledInTime(
  instance: InstanceId,
  isSo: (heard: AgentSignals) => boolean,
  { facts, clock }: TypingParts,
): Promise<boolean> {
  const patience = new AbortController()
  using _ = clock.alarm(clock.now() + statusTimeoutMs, () => patience.abort())
  try {
    await facts.until(instance, isSo, patience.signal)
    return true
  } catch (error) {
    if (patience.signal.aborted) return false
    throw error
  }
}

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.alarm(clock.now() + ms, resolve))
