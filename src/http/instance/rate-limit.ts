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
 * Keeps one instance from using the server up: a request above the rate is refused with 429 before
 * its body is read. The sender repeats it later: the hook client an event, Claude Code an export,
 * the script `mcp` a call.
 */
export function limitInstanceRate(
  { tokens, dispatcher }: Pick<HookDeps, 'tokens' | 'dispatcher'>,
  rate = usualRate,
  now = () => performance.now(),
) {
  // At most one for each instance: only the current launch of a known instance gets this far.
  const buckets = new Map<InstanceId, { readonly launch: Launch; readonly bucket: TokenBucket }>()

  const bucketOf = (instance: InstanceId, launch: Launch): TokenBucket => {
    const known = buckets.get(instance)
    if (known?.launch === launch) return known.bucket
    const bucket = new TokenBucket(rate, now())
    buckets.set(instance, { launch, bucket })
    return bucket
  }

  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { instance, launch } = identify(request, tokens, dispatcher.state)
    const waitMs = bucketOf(instance, launch).take(now())
    if (waitMs === 0) return
    reply.header('retry-after', Math.ceil(waitMs / 1_000))
    throw refuse(429, `${instance} sends too many requests at once`)
  }
}
