import { chooseRuntime } from '../runner/runtime.ts'
import type { Screen } from '../runner/screen.ts'
import { project } from '../runner/server.ts'
import type { AttackArguments } from './arguments.ts'
import type { Attack } from './stage/attack.ts'
import { attacks } from './attacks.ts'
import { disarm } from './disarmed.ts'
import { type AttackOutcome, attackOutcome, type Row, verdictOn } from './outcome.ts'
import { Stage } from './stage/stage.ts'

/** Carries out the attacks one after the other; those of one world share a server. */
export async function runAttacks(
  { only, disarmed, keep }: AttackArguments,
  screen: Screen,
  signal: AbortSignal,
): Promise<AttackOutcome> {
  await chooseRuntime('docker', true)
  const wanted = disarmed === undefined ? only : [disarmed]
  const chosen = attacks.filter(({ id }) => wanted?.includes(id) ?? true)
  await using ending = new AsyncDisposableStack()
  const code =
    disarmed === undefined
      ? project
      : ending.use(await disarm(chosen.flatMap(({ disarmedBy }) => disarmedBy))).path
  const rows: Row[] = []
  for (const [world, attacksOnIt] of Map.groupBy(chosen, (attack) => attack.world)) {
    screen.print(`Starting a server (${world}) …`)
    await using stage = await Stage.open(world, code, signal)
    if (keep) stage.setup.keep()
    for (const attack of attacksOnIt) {
      const row = await carryOut(attack, stage, signal)
      rows.push(row)
      screen.print(`${verdictOn(row).padEnd(9)}  ${row.id} (${row.seconds} s)`)
      for (const note of stage.notes.splice(0)) screen.print(`${' '.repeat(11)}${note}`)
      // The server may be of no use any more.
      if (row.failure !== null) stage.setup.keep()
    }
    if (stage.setup.isKept) screen.print(`Everything is kept in ${stage.setup.root}.`)
  }
  return attackOutcome(rows, disarmed ?? null)
}

async function carryOut(attack: Attack, stage: Stage, signal: AbortSignal): Promise<Row> {
  const { id, from, tries } = attack
  const since = Date.now()
  const row = { id, from, tries }
  const seconds = (): number => Math.round((Date.now() - since) / 100) / 10
  try {
    await stage.atWork()
    const got = await attack.run(stage)
    return { ...row, held: got.length === 0, got, failure: null, seconds: seconds() }
  } catch (error) {
    signal.throwIfAborted()
    const failure = error instanceof Error ? error.message : String(error)
    return { ...row, held: false, got: [], failure, seconds: seconds() }
  }
}
