interface Order {
  readonly command: string
  readonly until: number
  struckAt: number | null
}

/** What workers do to their branches before they report a task, instead of reporting at once. */
export class OddWork {
  /** Those whose workers have done something odd. */
  readonly tasks = new Set<string>()
  readonly #orders = new Map<string, Order>()

  /** Before the next report of the task, within so long from now. */
  arm(task: string, command: string, withinMs: number): () => number | null {
    const order: Order = { command, until: Date.now() + withinMs, struckAt: null }
    this.#orders.set(task, order)
    return () => order.struckAt
  }

  /** The command of the shell that comes before a report; null when there is none, or no more. */
  before(task: string): string | null {
    const order = this.#orders.get(task)
    const now = Date.now()
    if (order === undefined || order.struckAt !== null || now > order.until) return null
    order.struckAt = now
    this.tasks.add(task)
    return order.command
  }
}
