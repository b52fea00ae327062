import { describe, expect, it } from 'vitest'
import { toolProtocol } from '../claude/launch/protocol.ts'
import { outdatedBy } from './outdated.ts'

const now = { protocol: String(toolProtocol.newest), build: 'sha256:b' }
const found = (change: object = {}) => outdatedBy({ ...now, ...change }, now, 'another image')

describe('a launch that a server finds running', () => {
  it('is current when a start would give it the same', () => {
    expect(found()).toBeNull()
  })

  it('is outdated with another image, and usable', () => {
    expect(found({ build: 'sha256:a' })).toEqual({
      reason: 'it was started with another image',
      isUsable: true,
    })
  })

  it('of a server that recorded nothing has the tools before the first protocol', () => {
    expect(found({ protocol: undefined, build: undefined })).toEqual({
      reason: `its tools speak protocol 0, and new ones speak ${now.protocol}`,
      isUsable: true,
    })
  })

  it('is not usable when the server does not understand its tools', () => {
    expect(found({ protocol: String(toolProtocol.newest + 1) })).toMatchObject({ isUsable: false })
  })

  it('is not outdated when that is unknown, nor when the image itself is old', () => {
    const old = { protocol: '0', build: 'sha256:a' }
    expect(outdatedBy(old, null, 'another image')).toBeNull()
    expect(outdatedBy(old, old, 'another image')).toBeNull()
  })
})
