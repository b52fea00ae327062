/** A call of a port at which the server kills itself, so that tests can show what survives it. */
export interface Failpoint {
  /** `<port>.<method>`. */
  readonly call: string
  readonly moment: 'before' | 'after'
  /** Calls that return normally before the one that kills. */
  readonly passes: number
}

/**
 * Reads `<port>.<method>.<before|after>[@<count>]`: `store.commit.after@3` kills the process when
 * the third commit has returned. Throws for anything else.
 */
export function parseFailpoint(text: string): Failpoint {
  const [, call, moment, count = '1'] =
    /^(\w+\.\w+)\.(before|after)(?:@([1-9]\d*))?$/.exec(text) ?? []
  if (call === undefined || (moment !== 'before' && moment !== 'after'))
    throw new Error(
      `"${text}" is no failpoint: give <port>.<method>.<before|after>[@<count>], ` +
        'for example store.commit.after@3',
    )
  return { call, moment, passes: Number(count) - 1 }
}

/** The port itself if the failpoint is not one of its calls. */
export function withFailpoint<Port extends object>(
  name: string,
  port: Port,
  failpoint: Failpoint,
  die = killOwnProcess,
): Port {
  if (!failpoint.call.startsWith(`${name}.`)) return port
  let { passes } = failpoint
  const pass = (method: string | symbol, moment: Failpoint['moment']): void => {
    if (failpoint.call !== `${name}.${String(method)}` || failpoint.moment !== moment) return
    if (passes === 0) die()
    passes -= 1
  }
  return new Proxy(port, {
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

function killOwnProcess(): void {
  process.kill(process.pid, 'SIGKILL')
  // The signal arrives asynchronously: block, so that the process does nothing more until then.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}
