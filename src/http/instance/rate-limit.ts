import type { FastifyReply, FastifyRequest } from 'fastify'
import type { InstanceId, Launch } from '../../core/model/ids.ts'
import { type Pace, TokenBucket } from '../../lib/token-bucket.ts'
import type { HookDeps } from './hooks.ts'
import { identify } from '../access/identity.ts'
import { refuse } from '../access/refusal.ts'

/**
 * A worker at full speed tells a few things a second. After an absence of the server it may have a thousand events, which the hook client
 * delivers at this pace within half a minute.
 */
const usualPace: Pace = { burst: 200, perSecond: 50 }

/** A call may cost a fetch from the workspace and a merge; a worker makes a handful for each task, and three more whenever it connects anew. */
export const toolRateLimit: Pace = { burst: 60, perSecond: 5 }

/**
 * Keeps one instance from having the server to itself: what is too much is refused before its body is read. The hook client keeps such an
 * event, Claude Code such an export, and the carrier of the tools such a call, for later.
 */
export function limitInstanceRate(
  { tokens, dispatcher }: Pick<HookDeps, 'tokens' | 'dispatcher'>,
  pace = usualPace,
  now = () => performance.now(),
) {
  // One for each instance, since only the current launch of a known one gets this far.
  const buckets = new Map<InstanceId, { readonly launch: Launch; readonly bucket: TokenBucket }>()

  const bucketOf = (instance: InstanceId, launch: Launch): TokenBucket => {
    const known = buckets.get(instance)
    if (known?.launch === launch) return known.bucket
    const bucket = new TokenBucket(pace, now())
    buckets.set(instance, { launch, bucket })
    return bucket
  }

  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { instance, launch } = identify(request, tokens, dispatcher.state)
    const waitMs = bucketOf(instance, launch).take(now())
    if (waitMs === 0) return
    reply.header('retry-after', Math.ceil(waitMs / 1_000))
    throw refuse(429, `${instance} tells too much at once`)
  }
}
