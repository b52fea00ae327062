/** The promises, each by the name under which its breach is reported. */
export type Rule =
  | 'held once'
  | 'leased within capacity'
  | 'few secrets'
  | 'dependencies first'
  | 'acknowledged is durable'
  | 'one effect'
  | 'old launches change nothing'
  | 'merged is on the target'
  | 'merged once'
  | 'merged is not undone'
  | 'the target keeps what it has'
  | 'removed stays away'
  | 'work is saved'
  | 'work is not blamed'
  | 'returns end'
  | 'nothing waits for ever'
  | 'rotations end'
  | 'the run ends'
  | 'deaths are seen'
  | 'nothing is left over'
  | 'the origin has it all'
  | 'the lists match the plan'
  | 'tasks are on lists'
  | 'attempts are closed'
  | 'advice works'
  | 'upgrades happen'
  | 'starts take turns'
  | 'slow starts are no failures'
  | 'people are asked'
  | 'people are answered'
  | 'people are obeyed'
  | 'people decide about hosts'
  | 'few hosts are shown'
  | 'nothing throws'

export interface Violation {
  readonly rule: Rule
  readonly what: string
}

/** A breach is recorded once: everything after the first is its consequence. */
export class Violations {
  readonly #found = new Map<string, Violation>()

  add(rule: Rule, what: string): void {
    this.#found.set(`${rule}: ${what}`, { rule, what })
  }

  get all(): readonly Violation[] {
    return [...this.#found.values()]
  }

  get areNone(): boolean {
    return this.#found.size === 0
  }
}
