/** A place at which the process kills itself, so that tests can show what survives it. */
export interface Failpoint {
  /** `<object>.<method>`. */
  readonly call: string
  readonly moment: 'before' | 'after'
  /** Passes the place so often before it dies there. */
  readonly passes: number
}

/** `store.commit.after@3` dies at the third commit, once it has returned. Throws for anything else; null where nothing is given. */
export function parseFailpoint(text: string | undefined): Failpoint | null {
  if (text === undefined || text === '') return null
  const [, call, moment, count = '1'] =
    /^(\w+\.\w+)\.(before|after)(?:@([1-9]\d*))?$/.exec(text) ?? []
  if (call === undefined || (moment !== 'before' && moment !== 'after'))
    throw new Error(
      `"${text}" is no failpoint: give <object>.<method>.<before|after>[@<count>], for example store.commit.after@3`,
    )
  return { call, moment, passes: Number(count) - 1 }
}

/** The object itself without a failpoint; otherwise one whose calls look whether it is their turn to die. */
export function withFailpoint<Target extends object>(
  name: string,
  target: Target,
  failpoint: Failpoint | null,
  die = killOurselves,
): Target {
  if (failpoint === null || !failpoint.call.startsWith(`${name}.`)) return target
  let { passes } = failpoint
  const pass = (method: string | symbol, moment: Failpoint['moment']): void => {
    if (failpoint.call !== `${name}.${String(method)}` || failpoint.moment !== moment) return
    if (passes === 0) die()
    passes -= 1
  }
  return new Proxy(target, {
    get(object, method) {
      const value: unknown = Reflect.get(object, method)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        pass(method, 'before')
        const result: unknown = Reflect.apply(value, object, args)
        if (!(result instanceof Promise)) {
          pass(method, 'after')
          return result
        }
        return result.finally(() => pass(method, 'after'))
      }
    },
  })
}

function killOurselves(): void {
  process.kill(process.pid, 'SIGKILL')
  // The signal is on its way: nothing more may happen here.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}
