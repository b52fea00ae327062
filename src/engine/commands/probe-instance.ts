import { recognise, runningTool, type ScreenState } from '../../claude/screen/screen.ts'
import type { InstanceId } from '../../core/model/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Terminals } from '../../ports/terminals.ts'
import { clearScreen, readScreenEveryMs } from './type-prompt.ts'

interface ProbeParts {
  readonly terminals: Terminals
  readonly clock: Clock
}

type Seen = { readonly type: 'instance-idle' } | SeenBusy

interface SeenBusy {
  readonly type: 'instance-busy'
  readonly tool: string | null
}

/**
 * Removes what blocks the terminal of a silent instance, and reports what its screen then shows:
 * the turn is over, or goes on. Null when the screen shows neither.
 */
export async function probeInstance(instance: InstanceId, parts: ProbeParts): Promise<Seen | null> {
  const screen = await clearScreen(instance, parts)
  if (isTurnOver(screen)) return { type: 'instance-idle' }
  return screen.name === 'busy' ? whenItMoves(instance, parts) : null
}

/** The screen of a paused or hanging process still shows its turn; that of a live one changes. */
async function whenItMoves(
  instance: InstanceId,
  { terminals, clock }: ProbeParts,
): Promise<SeenBusy | null> {
  const first = await terminals.screen(instance)
  for (let reads = 0; reads < maxReads; reads += 1) {
    await pause(clock)
    const screen = await terminals.screen(instance)
    if (screen !== first && recognise(screen).name === 'busy')
      return { type: 'instance-busy', tool: runningTool(screen) }
  }
  return null
}

/** Ends the turn by keys. Throws when the screen still shows it after that. */
export async function interruptTurn(
  instance: InstanceId,
  { terminals, clock }: ProbeParts,
): Promise<void> {
  for (let reads = 0; reads < maxReads; reads += 1) {
    if (recognise(await terminals.screen(instance)).name !== 'busy') break
    await terminals.press(instance, 'Escape')
    await pause(clock)
  }
  const screen = await clearScreen(instance, { terminals, clock })
  if (!isTurnOver(screen)) throw new Error(`after Escape its screen shows ${screen.name}`)
}

const maxReads = 3

const isTurnOver = ({ name }: ScreenState): boolean =>
  name === 'prompt' || name === 'interrupted' || name === 'no-response'

const pause = (clock: Clock): Promise<void> =>
  new Promise((resolve) => clock.alarm(clock.now() + readScreenEveryMs, resolve))
