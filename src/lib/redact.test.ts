import { describe, expect, it } from 'vitest'
import { createRedact, redactAll } from './redact.ts'

const secret = 'sk-ant-api03-"canary"/+ä'
const redact = createRedact(() => [secret])

describe('a secret', () => {
  it.each([
    ['plain', secret],
    ['in JSON', JSON.stringify({ key: secret })],
    ['in a URL', `https://x/?key=${encodeURIComponent(secret)}`],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 for URLs', Buffer.from(secret).toString('base64url')],
    ['in hex', Buffer.from(secret).toString('hex')],
  ])('%s is removed', (_form, text) => {
    expect(redact(`before ${text} after`)).toMatch(/^before .*\[secret\].* after$/)
    expect(redact(text)).not.toContain('canary')
  })

  it('is removed from every string of a plain value, and nothing else changes', () => {
    const value = { a: [1, null, `x${secret}`], b: { c: true, d: 'clean' } }
    expect(redactAll(value, redact)).toEqual({
      a: [1, null, 'x[secret]'],
      b: { c: true, d: 'clean' },
    })
  })

  it('that is added later is removed at once', () => {
    const secrets: string[] = []
    const later = createRedact(() => secrets)
    expect(later('new-key')).toBe('new-key')
    secrets.push('new-key')
    expect(later('new-key')).toBe('[secret]')
  })
})
