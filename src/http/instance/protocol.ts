import type { FastifyRequest } from 'fastify'
import {
  isSpoken,
  type ProtocolRange,
  readProtocol,
  toolProtocol,
} from '../../claude/launch/protocol.ts'
import { refuse } from '../../lib/refuse.ts'

/** Throws 426 for tools whose protocol the server does not speak: their instance is replaced. */
export function requireProtocol(
  { headers }: Pick<FastifyRequest, 'headers'>,
  spoken: ProtocolRange = toolProtocol,
): void {
  const protocol = readProtocol(headers['x-protocol']?.toString())
  if (isSpoken(protocol, spoken)) return
  const { oldest, newest } = spoken
  throw refuse(
    426,
    `these tools speak protocol ${protocol}, and the server speaks ${oldest} to ${newest}: ` +
      'the server replaces this instance by one with its own tools',
  )
}
