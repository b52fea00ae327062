import { holds, recognise, type ScreenState } from '../../claude/screen/screen.ts'
import type { InstanceId } from '../../core/model/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { AgentStatusSource } from '../observe/agent-status.ts'
import type { AgentStatus } from '../../ports/instances.ts'
import type { Key, Terminals } from '../../ports/terminals.ts'

export interface LineDelivery {
  readonly instance: InstanceId
  /**
   * A prompt, or `/clear`. One line of at most 800 characters: Claude Code sends a larger paste as
   * `<pasted_content>`, with a warning that its text may not be the user's.
   */
  readonly line: string
  /** 1 for the first try; every later try reads the screen before it types. */
  readonly tries: number
}

export interface TypingParts {
  readonly terminals: Terminals
  readonly agentStatus: AgentStatusSource
  readonly clock: Clock
}

/** Why a line was not typed. */
export interface Obstacle {
  readonly obstacle: string
  /** No key helps: the instance must be restarted. */
  readonly isHopeless: boolean
}

/** On a busy machine, idle is reported within 0.12 s of the Stop hook (docs/claude-code.md). */
const statusTimeoutMs = 4_000
/**
 * Between two readings of the screen. By then the effect of the keys is on the screen, and a
 * second C-c does not count as the second half of a double C-c.
 */
export const readScreenEveryMs = 1_000
const maxScreenReads = 5

/**
 * Types one line. `sent` means typed: a hook reports the arrival, and the state waits for it. Text
 * that is typed while the agent starts or clears is lost or appended to other text, so this waits
 * until the agent is not busy. Only that wait and the pauses between readings of the screen are in
 * memory: they last at most 10 s together, and the deadline of the prompt covers their loss.
 */
export async function typePrompt(
  delivery: LineDelivery,
  parts: TypingParts,
): Promise<'sent' | Obstacle> {
  const { instance, line, tries } = delivery
  const { terminals, agentStatus } = parts
  const isQuiet = await isQuietInTime(instance, parts)
  if (tries > 1 || !isQuiet || agentStatus.statusOf(instance) === 'waiting') {
    const screen = await clearScreen(instance, parts, line)
    if (holds(screen, line)) {
      await terminals.press(instance, 'Enter')
      return 'sent'
    }
    if (!isAtPrompt(screen))
      return { obstacle: screen.name, isHopeless: screen.remedy === 'restart' }
  }
  await typeLine(instance, line, terminals)
  return 'sent'
}

/**
 * Removes what blocks the prompt: dialogs, menus, leftover text. After each step it reads the
 * screen again. Returns the last screen: an empty prompt, `line` in the input box, or what could
 * not be removed.
 */
export async function clearScreen(
  instance: InstanceId,
  { terminals, clock }: Omit<TypingParts, 'agentStatus'>,
  line = '',
): Promise<ScreenState> {
  const read = async () => recognise(await terminals.screen(instance))
  let screen = await read()
  if (screen.name === 'unknown') {
    await terminals.redraw(instance)
    await pause(clock, readScreenEveryMs)
    screen = await read()
  }
  for (let reads = 1; reads < maxScreenReads; reads += 1) {
    if (holds(screen, line) || !isRemovable(screen)) return screen
    for (const key of screen.remedy) await terminals.press(instance, key)
    await pause(clock, readScreenEveryMs)
    screen = await read()
  }
  return screen
}

async function typeLine(instance: InstanceId, line: string, terminals: Terminals): Promise<void> {
  await terminals.paste(instance, line)
  await terminals.press(instance, 'Enter')
}

const isAtPrompt = ({ remedy }: ScreenState): boolean =>
  Array.isArray(remedy) && remedy.length === 0

const isRemovable = (screen: ScreenState): screen is ScreenState & { remedy: readonly Key[] } =>
  Array.isArray(screen.remedy) && screen.remedy.length > 0

/** True when the agent reports within `statusTimeoutMs` that it is not busy. */
async function isQuietInTime(
  instance: InstanceId,
  { agentStatus, clock }: TypingParts,
): Promise<boolean> {
  const isQuiet = (status: AgentStatus | null) => status !== null && status !== 'busy'
  const timeout = new AbortController()
  using _ = clock.alarm(clock.now() + statusTimeoutMs, () => timeout.abort())
  try {
    await agentStatus.until(instance, isQuiet, timeout.signal)
    return true
  } catch (error) {
    if (timeout.signal.aborted) return false
    throw error
  }
}

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.alarm(clock.now() + ms, resolve))
