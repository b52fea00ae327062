import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { toolProtocol } from '../../claude/launch/protocol.ts'
import { requireProtocol } from './protocol.ts'

const from = (protocol?: string) => ({
  headers: protocol === undefined ? {} : { 'x-protocol': protocol },
})

describe('the protocol of an instance’s tools', () => {
  it.each(['hook', 'mcp', 'status-line', 'progress.sh'])(
    'in %s is the newest that the server speaks',
    (name) => {
      const text = readFileSync(new URL(`../../../docker/tools/${name}`, import.meta.url), 'utf8')
      expect(text.match(/X-Protocol: \d+/g)).toEqual([`X-Protocol: ${toolProtocol.newest}`])
    },
  )

  it('is accepted from the oldest on, which has no header', () => {
    for (const protocol of [undefined, '0', '1'])
      expect(() => requireProtocol(from(protocol))).not.toThrow()
  })

  it('is refused when it is too old or too new, with what both speak', () => {
    const spoken = { oldest: 2, newest: 3 }
    for (const protocol of [undefined, '1', '4'])
      expect(() => requireProtocol(from(protocol), spoken)).toThrow(
        `these tools speak protocol ${protocol ?? 0}, and the server speaks 2 to 3: the server replaces`,
      )
    expect(() => requireProtocol(from('2'), spoken)).not.toThrow()
  })
})
