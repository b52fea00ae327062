import type { RecordedRequest } from '../model/server.ts'
import type { Expected } from '../scenarios/limit-scenarios.ts'
import type { Outage } from '../scenarios/fault-plan.ts'
import { nameOf } from './credentials.ts'
import type { EventView } from '../../http/contract/event.ts'
import type { Rotation } from './rotations.ts'
import { type Finding, finding } from './verify.ts'

export interface LimitsEvidence {
  readonly events: readonly EventView[]
  readonly requests: readonly RecordedRequest[]
  readonly rotations: readonly Rotation[]
  readonly parkedMs: number
  readonly outage: Outage | null
}

/**
 * Judges how the server dealt with the scenario's fault. Facts only: times are figures of the
 * outcome.
 */
export function judgeLimits(expected: Expected, evidence: LimitsEvidence): readonly Finding[] {
  const { rotations, parkedMs, outage } = evidence
  const [least, most] = expected.rotations
  const isWrongCount = rotations.length < least || rotations.length > most
  return [
    finding(
      'the fault occurred',
      outage === null && expected.isUnnoticed === undefined ? ['no request was refused'] : [],
    ),
    ...(expected.modelError === undefined
      ? []
      : [
          finding(
            `the model error is classified as ${expected.modelError}`,
            otherThan(expected.modelError, evidence),
          ),
        ]),
    finding(
      `credentials were rotated ${least === most ? least : `${least} to ${most}`} times`,
      isWrongCount ? [`${rotations.length} times: ${rotations.map(describe).join(', ')}`] : [],
    ),
    finding(
      'a rotation restarts nothing',
      rotations.filter(({ restarted }) => restarted).map(describe),
    ),
    finding(
      'a rotation keeps the conversation',
      rotations.filter(({ sameConversation }) => sameConversation === false).map(describe),
    ),
    ...(expected.isDirect
      ? [
          finding('the first request with the new credential is answered', detours(rotations)),
          finding('one failed turn leads to one rotation', extraFailures(evidence)),
        ]
      : []),
    ...(expected.isUnnoticed ? [finding('no turn fails', failuresIn(evidence))] : []),
    ...(expected.isLeftAlone
      ? [finding('a credential that is out of use is left alone', triedAgain(evidence))]
      : []),
    ...(expected.isParked
      ? [
          finding(
            'the run waits for the reset and goes on by itself',
            parkedMs > 0 ? [] : ['no instance waited'],
          ),
        ]
      : []),
  ]
}

const describe = ({ instance, from, to, reason }: Rotation): string =>
  `${instance} from ${from} to ${to} (${reason})`

const detours = (rotations: readonly Rotation[]): readonly string[] =>
  rotations.flatMap((rotation) => {
    const { resumedMs, refusedMeanwhile } = rotation
    if (resumedMs === null) return [`${describe(rotation)}: nothing succeeded afterwards`]
    return refusedMeanwhile === 0
      ? []
      : [`${describe(rotation)}: ${refusedMeanwhile} more requests were refused`]
  })

function extraFailures(evidence: LimitsEvidence): readonly string[] {
  const failures = failuresIn(evidence)
  return failures.length <= evidence.rotations.length ? [] : failures
}

const refusals = new Set<EventView['type']>(['turn-failed', 'credential-refused'])

const otherThan = (kind: string, { events }: LimitsEvidence): readonly string[] =>
  events
    .filter(({ type }) => refusals.has(type))
    .map(({ modelError }) => modelError?.kind ?? 'unknown')
    .filter((each) => each !== kind)

const failuresIn = ({ events }: LimitsEvidence): readonly string[] =>
  events
    .filter(({ type, ignored }) => type === 'turn-failed' && ignored === null)
    .map(({ instance, modelError }) => `${instance ?? ''}: ${modelError?.kind ?? 'unknown'}`)

/** Claude Code's own retries still use the credential until the server knows of the model error. */
function triedAgain({ events, requests, outage }: LimitsEvidence): readonly string[] {
  const refusal = events.find(({ type }) => refusals.has(type))
  const known = refusal && Date.parse(refusal.at)
  if (outage === null || known === undefined) return []
  const late = requests.filter(
    ({ credential, at }) =>
      (outage.credential === null || credential === outage.credential) &&
      at > known &&
      at < outage.until,
  )
  return late.length === 0
    ? []
    : [`${nameOf(late[0]?.credential ?? '') ?? 'it'} was tried ${late.length} more times`]
}
