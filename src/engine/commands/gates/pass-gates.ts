import { type GateName, gateNames } from '../../../core/model/gates.ts'
import { checksGate } from './checks.ts'
import type { Candidate, Gate, GateOutcome, GateParts } from './gate.ts'

const gatesByName: Readonly<Record<GateName, Gate>> = { checks: checksGate }

/** All gates, in their order. */
export const gatesInOrder: readonly Gate[] = gateNames.map((name) => gatesByName[name])

/**
 * Asks the configured gates one after the other, and none after the first that refuses. `onGate` is
 * called before each.
 */
export async function passGates(
  candidate: Candidate,
  parts: GateParts,
  onGate: (gate: GateName) => void,
  gates: readonly Gate[] = gatesInOrder,
): Promise<GateOutcome> {
  for (const gate of gates.filter((each) => each.isConfigured(parts))) {
    onGate(gate.name)
    const outcome = await gate.isOpenFor(candidate, parts)
    if (!outcome.passed) return outcome
  }
  return { passed: true }
}
