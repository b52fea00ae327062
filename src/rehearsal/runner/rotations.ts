import type { ActionView, EventView } from '../../http/contract/event.ts'
import type { RecordedRequest } from '../model/server.ts'
import { nameOf } from './credentials.ts'

/** One change of an instance's credential; null where that cannot be said. */
export interface Rotation {
  readonly instance: string
  readonly from: string
  readonly to: string
  readonly reason: string
  /** From the model's last refusal to the server knowing of the failed turn. */
  readonly signalMs: number | null
  /**
   * From there, or from the decision when no turn failed, to the first request that succeeds with
   * the new credential.
   */
  readonly resumedMs: number | null
  /**
   * Requests that the model refused between the rotation's cause and that success: 0 if the first
   * one succeeds.
   */
  readonly refusedMeanwhile: number
  readonly restarted: boolean
  /**
   * The conversation still holds what its tools had answered before; null when another turn had
   * begun anyway.
   */
  readonly sameConversation: boolean | null
}

interface Cause {
  readonly at: number
  readonly reason: string
  readonly isFailure: boolean
}

interface Holding {
  readonly credential: string
  readonly launch: number | null
}

interface Change {
  readonly instance: string
  readonly held: Holding
  readonly next: Holding
  readonly cause: Cause
}

/**
 * What became of the credentials, from the server's journal and from what the model saw; one
 * instance holds a credential at a time.
 */
export function rotationsIn(
  events: readonly EventView[],
  requests: readonly RecordedRequest[],
): readonly Rotation[] {
  const holdings = new Map<string, Holding>()
  const placed = new Map<string, Holding>()
  const failures = new Map<string, Cause>()
  const decisions = new Map<string, Cause>()
  const changes: Change[] = []
  const behindGateway: Rotation[] = []

  const take = (instance: string, holding: Holding, at: number) => {
    const held = holdings.get(instance)
    holdings.set(instance, holding)
    if (!held || held.credential === holding.credential) return
    const cause = failures.get(instance) ??
      decisions.get(instance) ?? { at, reason: 'unknown', isFailure: false }
    failures.delete(instance)
    decisions.delete(instance)
    changes.push({ instance, held, next: holding, cause })
  }

  for (const event of events.filter(({ ignored }) => ignored === null)) {
    const { type, instance, credential, launch, modelError } = event
    const at = Date.parse(event.at)
    if (instance !== null) {
      if (type === 'turn-failed' && modelError !== null) {
        const { kind, inSubagent } = modelError
        const reason = inSubagent ? `${kind} of a subagent` : kind
        failures.set(instance, { at, reason, isFailure: true })
      }
      if (type === 'turn-ended') failures.delete(instance)
      if (type === 'credential-placed' && credential !== null)
        placed.set(instance, { credential, launch })
      const read = type === 'settings-read' ? placed.get(instance) : undefined
      if (read && read.launch === launch) {
        placed.delete(instance)
        take(instance, read, at)
      }
      if (type === 'credential-replaced' && credential !== null)
        take(instance, { credential, launch }, at)
      if (type === 'credential-refused')
        behindGateway.push(...rotationBehindGateway(event, instance, requests))
    }
    for (const action of event.actions) {
      if (action.credential === null) continue
      if (action.type === 'replace-credential')
        decisions.set(action.instance, { at, reason: type, isFailure: false })
      if (action.type === 'start-instance')
        take(action.instance, { credential: action.credential, launch: action.launch }, at)
    }
  }
  const inFile = changes.map((change, index) => {
    const next = changes.slice(index + 1).find(({ instance }) => instance === change.instance)
    return rotationOf(change, requests, next?.cause.at ?? Number.POSITIVE_INFINITY)
  })
  return [...inFile, ...behindGateway]
}

/**
 * `end` is when the instance was made to change again: what the new credential does afterwards is
 * another instance's.
 */
function rotationOf(
  { instance, held, next, cause }: Change,
  all: readonly RecordedRequest[],
  end: number,
): Rotation {
  const { at, reason, isFailure } = cause
  // An idle Manager lends its credential, so a worker may have used it before or after.
  const requests = all.filter(({ role }) => isOfManager(role) === isOfManager(instance))
  const withOld = requests.filter((request) => nameOf(request.credential) === held.credential)
  const refusal = isFailure
    ? withOld.findLast((request) => request.answered !== 'message' && request.at <= at)
    : undefined
  const before = refusal ?? withOld.findLast((request) => request.at <= at)
  const withNew = requests.filter(
    (request) =>
      nameOf(request.credential) === next.credential && request.at >= at && request.at < end,
  )
  const success = withNew.find(({ answered }) => answered === 'message')
  const isOtherTurn = !isFailure && before?.prompt !== success?.prompt
  return {
    instance,
    from: held.credential,
    to: next.credential,
    reason,
    signalMs: refusal ? at - refusal.at : null,
    resumedMs: success ? success.at - at : null,
    refusedMeanwhile: success ? withNew.indexOf(success) : withNew.length,
    restarted: held.launch !== next.launch,
    sameConversation: before && success && !isOtherTurn ? holdsAll(success, before) : null,
  }
}

const isOfManager = (name: string): boolean => name.startsWith('manager')

/** The gateway tries another credential with the very request that was refused. */
function rotationBehindGateway(
  { credential, modelError, at: time }: EventView,
  instance: string,
  requests: readonly RecordedRequest[],
): Rotation[] {
  const at = Date.parse(time)
  const index = requests.findLastIndex(
    (request) =>
      nameOf(request.credential) === credential &&
      request.answered !== 'message' &&
      request.at <= at,
  )
  const refusal = requests[index]
  if (!refusal) return []
  const repeats = requests
    .slice(index + 1)
    .filter(
      (request) =>
        request.role === refusal.role &&
        request.prompt === refusal.prompt &&
        holdsAll(request, refusal),
    )
  const success = repeats.find(({ answered }) => answered === 'message')
  const to = success ? nameOf(success.credential) : null
  if (!success || to === null || to === credential) return []
  return [
    {
      instance,
      from: credential ?? '',
      to,
      reason: modelError?.kind ?? 'unknown',
      signalMs: at - refusal.at,
      resumedMs: Math.max(0, success.at - at),
      refusedMeanwhile: repeats.indexOf(success),
      restarted: false,
      sameConversation: true,
    },
  ]
}

const holdsAll = (later: RecordedRequest, earlier: RecordedRequest): boolean => {
  const held = new Set(later.results)
  return earlier.results.every((id) => held.has(id))
}

/** What makes an instance go on; its work is also saved while it waits. */
const beginnings: readonly ActionView['type'][] = [
  'send-prompt',
  'replace-credential',
  'start-instance',
]

/**
 * The longest that an instance waited, after a failed turn, until the server gave it anything to
 * do.
 */
export function parkedMs(events: readonly EventView[]): number {
  const waiting = new Map<string, number>()
  let longest = 0
  for (const event of events.filter(({ ignored }) => ignored === null)) {
    const at = Date.parse(event.at)
    const actions = event.actions.filter(({ type }) => beginnings.includes(type))
    for (const { instance } of actions) {
      const since = waiting.get(instance)
      if (since === undefined) continue
      longest = Math.max(longest, at - since)
      waiting.delete(instance)
    }
    const { type, instance, modelError } = event
    const isParked =
      type === 'turn-failed' &&
      modelError?.inSubagent === false &&
      ['quota', 'model-quota', 'rejected', 'spent'].includes(modelError.kind)
    if (instance !== null && isParked && !actions.some((action) => action.instance === instance))
      waiting.set(instance, at)
  }
  return longest
}
