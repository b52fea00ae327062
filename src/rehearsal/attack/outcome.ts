import { formatTable } from '../runner/table.ts'
import type { Attack } from './stage/attack.ts'

export interface Row extends Pick<Attack, 'id' | 'from' | 'tries'> {
  readonly held: boolean
  /** What the attacker got. */
  readonly got: readonly string[]
  /** Why the attack could not be carried out; null when it was. */
  readonly failure: string | null
  readonly seconds: number
}

/** What `--json` prints. */
export interface AttackOutcome {
  /** Every attack was carried out and got nothing. */
  readonly ok: boolean
  /** The attack whose defence was switched off. */
  readonly disarmed: string | null
  readonly rows: readonly Row[]
}

export function attackOutcome(rows: readonly Row[], disarmed: string | null): AttackOutcome {
  return { ok: rows.length > 0 && rows.every(({ held }) => held), disarmed, rows }
}

export const verdictOn = ({ held, failure }: Row): 'held' | 'broken' | 'not tried' =>
  held ? 'held' : failure === null ? 'broken' : 'not tried'

export function renderAttackOutcome({ rows, disarmed }: AttackOutcome): readonly string[] {
  const count = (wanted: string): number => rows.filter((row) => verdictOn(row) === wanted).length
  const failed = count('not tried')
  return [
    '',
    ...formatTable([
      ['attack', 'verdict', 'from', 'what was tried'],
      ...rows.map((row) => [row.id, verdictOn(row), row.from, row.tries]),
    ]),
    '',
    ...rows.flatMap(({ id, got, failure }) => [
      ...got.map((each) => `✗ ${id}: the attacker got ${each}`),
      ...(failure === null ? [] : [`✗ ${id} could not be tried: ${failure}`]),
    ]),
    ...(disarmed === null ? [] : [`The defence against ${disarmed} was switched off.`]),
    `${count('held')} held, ${count('broken')} broken${failed === 0 ? '' : `, ${failed} not tried`}`,
  ]
}
