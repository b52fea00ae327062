import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFakeSessionFile } from '../../../test/fakes/session-file.ts'
import { openSessions, operatorToken, readerToken } from '../../../test/support/surface.ts'
import { mostOfRole, sessionMs } from './sessions.ts'

const hourMs = 60 * 60_000

/** Sessions of one file on a clock of the test; `restart` reads the file again. */
function scene(change: Parameters<typeof openSessions>[0] = {}) {
  const file = createFakeSessionFile()
  const lines: string[] = []
  const warn = (fields: object, text: string) =>
    void lines.push(`${text}: ${JSON.stringify(fields)}`)
  const at = { now: 1_000_000, file, lines }
  const log = { info: () => undefined, warn, error: () => undefined }
  const restart = (other = change) => openSessions({ file, log, now: () => at.now, ...other })
  return { at, file, lines, restart, sessions: restart() }
}

describe('sessions', () => {
  it('are kept over a restart, with their role', () => {
    const { sessions, restart } = scene()
    const [reader, operator] = [sessions.open('reader'), sessions.open('operator')]
    const again = restart()
    expect(again.find(reader.value)).toEqual(reader.session)
    expect(again.find(operator.value)).toMatchObject({ role: 'operator' })
    expect(reader.value).not.toBe(operator.value)
  })

  it('leave nothing in their file with which to log in', () => {
    const { sessions, file, restart } = scene()
    const { value, session } = sessions.open('operator')
    for (const secret of [value, operatorToken, readerToken])
      expect(file.text).not.toContain(secret)
    expect(restart().find(session.id)).toBeNull()
  })

  it('are found by their whole value only', () => {
    const { sessions } = scene()
    const { value } = sessions.open('operator')
    fc.assert(
      fc.property(fc.nat(value.length - 1), fc.stringMatching(/^[A-Za-z0-9_-]$/), (at, letter) => {
        const other = value.slice(0, at) + letter + value.slice(at + 1)
        expect(sessions.find(other) === null).toBe(other !== value)
      }),
    )
  })

  it('are over 30 days after their last use, also after a restart', () => {
    const { sessions, at, restart } = scene()
    const { value, session } = sessions.open('reader')
    at.now += sessionMs - 1
    expect(sessions.find(value)).not.toBeNull()
    expect(sessions.renew(session.id)).toBe(true)
    at.now += sessionMs - 1
    expect(restart().find(value)).not.toBeNull()
    at.now += 1
    expect([sessions.find(value), restart().find(value)]).toEqual([null, null])
    expect(sessions.isOpen(session.id)).toBe(false)
  })

  it('are written once an hour at most while they are used', () => {
    const { sessions, at, file } = scene()
    const { value, session } = sessions.open('reader')
    const before = file.writes
    for (let minute = 0; minute < 180; minute += 1) {
      at.now += 60_000
      expect(sessions.find(value)?.expiresAt).toBeGreaterThan(at.now + sessionMs - hourMs - 1)
      sessions.renew(session.id)
    }
    expect(file.writes - before).toBe(3)
  })

  it('end for good', () => {
    const { sessions, restart } = scene()
    const [one, other] = [sessions.open('operator'), sessions.open('operator')]
    sessions.end(one.session.id)
    expect([sessions.find(one.value), restart().find(one.value)]).toEqual([null, null])
    expect(restart().find(other.value)).not.toBeNull()
    sessions.endAll()
    expect([sessions.find(other.value), restart().find(other.value)]).toEqual([null, null])
  })

  it('say when an end may not outlast the server', () => {
    const { sessions, file, restart, lines } = scene()
    const { value, session } = sessions.open('operator')
    file.failure = new Error('the file system is read-only')
    file.isStuck = true
    expect([sessions.end(session.id), sessions.endAll()]).toEqual([false, false])
    expect(sessions.find(value)).toBeNull()
    expect(lines).toHaveLength(1)
    file.isStuck = false
    expect(sessions.endAll()).toBe(true)
    file.failure = null
    expect(restart().find(value)).toBeNull()
  })

  it('end when the token that made them is replaced, and no others', () => {
    const { sessions, restart } = scene()
    const [reader, operator] = [sessions.open('reader'), sessions.open('operator')]
    const rotated = restart({ operatorToken: 'a-new-token' })
    expect(rotated.find(operator.value)).toBeNull()
    expect(rotated.find(reader.value)).toEqual(reader.session)
    // What was the operator's token is now the readers'.
    expect(
      restart({ operatorToken: 'x', readerToken: operatorToken }).find(operator.value),
    ).toEqual({ ...operator.session, role: 'reader' })
  })

  it('make room by the one unused for longest, of the same role', () => {
    const { sessions, restart } = scene()
    const operator = sessions.open('operator')
    const [first, second] = [sessions.open('reader'), sessions.open('reader')]
    for (let count = 2; count < mostOfRole; count += 1) sessions.open('reader')
    sessions.find(first.value)
    sessions.open('reader')
    for (const each of [sessions, restart()]) {
      expect(each.find(second.value)).toBeNull()
      expect(each.find(first.value)).not.toBeNull()
      expect(each.find(operator.value)).not.toBeNull()
    }
  })
})

describe('a file of sessions that is damaged', () => {
  it('logs all out, with one line, and serves new logins', () => {
    const { sessions, file } = scene()
    sessions.open('operator')
    const good = file.text ?? ''
    const cut = fc.nat(good.length - 2).map((length) => good.slice(0, length))
    const text = fc.oneof(cut, fc.string(), fc.json(), fc.constant('{"sessions":[{}]}'))
    fc.assert(
      fc.property(text, (damaged) => {
        const { at, lines, restart } = scene()
        at.file.text = damaged
        const after = restart()
        expect(lines).toHaveLength(1)
        const { value } = after.open('reader')
        expect(restart().find(value)).not.toBeNull()
        expect(lines).toHaveLength(1)
      }),
    )
  })

  it('may also be one that cannot be read', () => {
    const { file, lines, restart } = scene()
    file.failure = new Error('EACCES')
    expect(restart().find('x')).toBeNull()
    expect(lines).toEqual([expect.stringContaining('EACCES')])
  })

  it('that cannot be written costs one line, and only what outlives the server', () => {
    const { sessions, file, lines } = scene()
    file.failure = new Error('ENOSPC')
    const [one, other] = [sessions.open('reader'), sessions.open('reader')]
    expect(sessions.find(one.value)).not.toBeNull()
    sessions.end(one.session.id)
    expect(sessions.find(one.value)).toBeNull()
    expect(sessions.find(other.value)).not.toBeNull()
    expect(lines).toEqual([expect.stringContaining('ENOSPC')])
  })
})
