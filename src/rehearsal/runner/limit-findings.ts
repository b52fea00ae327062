import type { RecordedRequest } from '../model/server.ts'
import type { Expected } from '../scenarios/limit-scenarios.ts'
import type { Blow } from '../scenarios/fault-plan.ts'
import { nameOf } from './credentials.ts'
import type { JournalLine } from './events.ts'
import type { Swap } from './swaps.ts'
import { type Finding, finding } from './verify.ts'

export interface LimitsEvidence {
  readonly journal: readonly JournalLine[]
  readonly requests: readonly RecordedRequest[]
  readonly swaps: readonly Swap[]
  readonly parkedMs: number
  readonly blow: Blow | null
}

/** Judges what the server made of a misfortune. */
export function judgeLimits(expected: Expected, evidence: LimitsEvidence): readonly Finding[] {
  const { swaps, parkedMs, blow } = evidence
  const [least, most] = expected.swaps
  const { withinMs } = expected
  const isWrongCount = swaps.length < least || swaps.length > most
  return [
    finding(
      'the misfortune happened',
      blow === null && expected.isUnnoticed === undefined ? ['nobody was refused anything'] : [],
    ),
    ...(expected.trouble === undefined
      ? []
      : [
          finding(
            `the trouble is told apart: ${expected.trouble}`,
            otherThan(expected.trouble, evidence),
          ),
        ]),
    finding(
      `credentials were changed ${least === most ? least : `${least} to ${most}`} times`,
      isWrongCount ? [`${swaps.length} times: ${swaps.map(describe).join(', ')}`] : [],
    ),
    finding(
      'a change of the credential restarts nothing',
      swaps.filter(({ restarted }) => restarted).map(describe),
    ),
    finding(
      'a change of the credential keeps the conversation',
      swaps.filter((swap) => swap.sameConversation === false).map(describe),
    ),
    ...(withinMs === undefined
      ? []
      : [
          finding(`a change of the credential takes at most ${withinMs} ms`, slow(swaps, withinMs)),
        ]),
    ...(expected.isUnnoticed ? [finding('no turn fails', failuresIn(evidence))] : []),
    ...(expected.isLeftAlone
      ? [finding('a credential that is out of use is left alone', triedAgain(evidence))]
      : []),
    ...(expected.isParked
      ? [
          finding(
            'the run waits for the reset and goes on by itself',
            parkedMs > 0 ? [] : ['nobody waited'],
          ),
        ]
      : []),
  ]
}

const describe = ({ instance, from, to, reason }: Swap): string =>
  `${instance} from ${from} to ${to} (${reason})`

const slow = (swaps: readonly Swap[], withinMs: number): readonly string[] =>
  swaps
    .filter(({ resumedMs }) => resumedMs === null || resumedMs > withinMs)
    .map(
      (swap) =>
        `${describe(swap)}: ${swap.resumedMs === null ? 'nothing succeeded afterwards' : `${swap.resumedMs} ms`}`,
    )

const otherThan = (trouble: string, { journal }: LimitsEvidence): readonly string[] => {
  const told = journal.filter(({ event }) =>
    ['turn-failed', 'gateway-refused'].includes(event.type),
  )
  return told
    .map(({ event }) => event.trouble?.kind ?? 'unknown')
    .filter((kind) => kind !== trouble)
}

const failuresIn = ({ journal }: LimitsEvidence): readonly string[] =>
  journal.flatMap(({ event, ignored }) =>
    event.type === 'turn-failed' && typeof ignored !== 'string'
      ? [`${event.instance ?? ''}: ${event.trouble?.kind ?? 'unknown'}`]
      : [],
  )

/** Until the server knows of it, Claude Code's own retries use it still. */
function triedAgain({ journal, requests, blow }: LimitsEvidence): readonly string[] {
  const known = journal.find(({ event }) => ['turn-failed', 'gateway-refused'].includes(event.type))
    ?.event.at
  if (blow === null || known === undefined) return []
  const late = requests.filter(
    ({ credential, at }) =>
      (blow.credential === null || credential === blow.credential) && at > known && at < blow.until,
  )
  return late.length === 0
    ? []
    : [`${nameOf(late[0]?.credential ?? '') ?? 'it'} was tried ${late.length} more times`]
}
