import type { FastifyRequest } from 'fastify'
import type { InstanceId, Launch } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import type { LaunchTokens } from '../../engine/commands/launch-tokens.ts'
import { refuse } from '../../lib/refuse.ts'

export interface Identity {
  readonly instance: InstanceId
  readonly launch: Launch
}

/**
 * The instance that sent the request. Throws 401 for an unknown token and 409 for one of an older
 * launch.
 */
export function identify(request: FastifyRequest, tokens: LaunchTokens, state: State): Identity {
  const token = bearerOf(request)
  const identity = token === null ? null : tokens.identify(token)
  if (identity === null)
    throw refuse(401, 'this needs the token of a launch: Authorization: Bearer <token>')
  const current = state.instances.get(identity.instance)?.launch
  if (current !== identity.launch)
    throw refuse(
      409,
      `${identity.instance} is at launch ${current ?? 'none'}, not ${identity.launch}`,
    )
  return identity
}

/** The token of any request of an instance; those to the model may carry it as an API key. */
export function tokenOf(request: FastifyRequest): string | null {
  const key = request.headers['x-api-key']
  return bearerOf(request) ?? (typeof key === 'string' ? key : null)
}

/**
 * Whether there is a token at all, right or wrong. A proxy passes on its own password as `Basic`.
 */
export const hasToken = ({ headers }: FastifyRequest): boolean =>
  headers.authorization !== undefined && !/^basic /i.test(headers.authorization)

export function bearerOf(request: FastifyRequest): string | null {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null
}
