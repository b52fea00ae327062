import { type Kind, type KindName, kindNames, kinds } from './fault-kinds.ts'
import { between, createRandom, oneOf, type Random } from './random.ts'

export interface PlannedFault {
  readonly number: number
  /** From the beginning of the chaos. */
  readonly atMs: number
  readonly kind: KindName
  /** The instance or the credential that it strikes; empty for what there is only one of. */
  readonly victim: string
  readonly lastsMs: number
  /** From 0 up to 1: for what else is left to chance. */
  readonly dice: number
}

export interface ScheduleOrder {
  readonly seed: number
  readonly minutes: number
  readonly instances: readonly string[]
  readonly credentials: readonly string[]
}

/**
 * A little above the six that are promised: some find nothing to strike, such as a model without
 * requests.
 */
const faultsPerMinute = 8

/**
 * What will go wrong, when and to whom: the same for the same order. So many points of a Poisson
 * process lie in a span like as many exponential gaps that were stretched to it.
 */
export function scheduleOf({
  seed,
  minutes,
  instances,
  credentials,
}: ScheduleOrder): readonly PlannedFault[] {
  const random = createRandom(seed)
  const count = Math.ceil(minutes * faultsPerMinute)
  const gaps = Array.from({ length: count + 1 }, () => -Math.log(1 - random()))
  const total = gaps.reduce((sum, gap) => sum + gap, 0)
  let elapsed = 0
  return gaps.slice(0, count).map((gap, index) => {
    elapsed += gap
    const kind = drawKind(random)
    const { target, lastsMs }: Kind = kinds[kind]
    const victims =
      target === 'credential'
        ? credentials
        : target === 'instance' || target === 'model'
          ? instances
          : ['']
    return {
      number: index + 1,
      atMs: Math.round((elapsed / total) * minutes * 60_000),
      kind,
      victim: oneOf(random, victims),
      lastsMs: Math.round(between(random, ...lastsMs)),
      dice: random(),
    }
  })
}

const totalWeight = kindNames.reduce((sum, name) => sum + kinds[name].weight, 0)

function drawKind(random: Random): KindName {
  let left = random() * totalWeight
  return kindNames.find((name) => (left -= kinds[name].weight) < 0) ?? 'server-kill'
}
