import type { Socket } from 'node:net'
import { finished } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { InstanceId, Launch } from '../../core/model/ids.ts'
import { type Pace, TokenBucket } from '../../lib/token-bucket.ts'
import type { HookDeps } from './hooks.ts'
import { identify } from '../access/identity.ts'
import { refuse } from '../../lib/refuse.ts'

/**
 * A worker at full speed sends a few events a second. After a time without a server it may have a
 * thousand, which the hook client delivers at this rate within half a minute.
 */
const usualRate: Pace = { burst: 200, perSecond: 50 }

/**
 * A call may cost a fetch from the workspace and a merge. A worker makes a handful for each task,
 * and three more whenever it connects again.
 */
export const toolRateLimit: Pace = { burst: 60, perSecond: 5 }

/**
 * The server holds what has arrived of each body. Tools send one event after the other, so more
 * than a few at a time come from something else.
 */
export const mostOpenBodies = 8

/**
 * Bytes of bodies of one instance: the server reads a megabyte in 7 ms. All that a hook client
 * keeps for a server that is away, 64 MiB, is delivered in 4 s.
 */
export const usualVolume: Pace = { burst: 32 * 1024 * 1024, perSecond: 8 * 1024 * 1024 }

interface Use {
  readonly launch: Launch
  readonly bucket: TokenBucket
  readonly volume: TokenBucket
  openBodies: number
}

/**
 * Keeps one instance from using the server up: a request above the rate, after too many bytes, or
 * beside `mostOpenBodies` whose bodies have not arrived is refused with 429 before its body is
 * read. The sender repeats it later: the hook client an event, Claude Code an export, the script
 * `mcp` a call.
 */
export function limitInstanceRate(
  { tokens, dispatcher }: Pick<HookDeps, 'tokens' | 'dispatcher'>,
  rate = usualRate,
  now = () => performance.now(),
  volume = usualVolume,
) {
  // At most one for each instance: only the current launch of a known instance gets this far.
  const uses = new Map<InstanceId, Use>()

  const useOf = (instance: InstanceId, launch: Launch): Use => {
    const known = uses.get(instance)
    if (known?.launch === launch) return known
    const use = {
      ...{ launch, openBodies: 0 },
      ...{ bucket: new TokenBucket(rate, now()), volume: new TokenBucket(volume, now()) },
    }
    uses.set(instance, use)
    return use
  }

  // Not by `content-length`: a body in chunks has none.
  const charged = new WeakMap<Partial<Socket>, number>()
  const newBytes = (socket: Partial<Socket>): number => {
    const { bytesRead = 0 } = socket
    const before = charged.get(socket) ?? 0
    charged.set(socket, bytesRead)
    return bytesRead - before
  }

  const waitOf = ({ openBodies, bucket, volume }: Use): number =>
    openBodies < mostOpenBodies ? volume.wait(now()) || bucket.take(now()) : 1_000

  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { instance, launch } = identify(request, tokens, dispatcher.state)
    const use = useOf(instance, launch)
    const waitMs = waitOf(use)
    if (waitMs === 0) {
      use.openBodies += 1
      finished(request.raw, { writable: false }, () => {
        use.openBodies -= 1
        use.volume.charge(newBytes(request.raw.socket), now())
      })
      return
    }
    reply.header('retry-after', Math.ceil(waitMs / 1_000))
    throw refuse(429, `${instance} sends too many requests at once`)
  }
}
