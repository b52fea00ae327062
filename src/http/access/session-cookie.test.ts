import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameToSet, readCookies, writeCookie } from './session-cookie.ts'

const value = fc.stringMatching(/^[A-Za-z0-9_-]{43}$/)
/** Other cookies of the same host, of whatever server set them. */
const foreign = fc
  .stringMatching(/^[!#-:<-~]{1,30}$/)
  .filter((pair) => !/^(?:__Host-)?orchestrator=/.test(pair))
const publicUrl = 'https://team.example'
const a = 'a'.repeat(43)
const b = 'b'.repeat(43)

const readAll = (cookie: string, host = 'localhost:7700', url: string | null = null) =>
  readCookies({ cookie, host }, url).map((each) => each.value)
const read = (...request: Parameters<typeof readAll>) => readAll(...request)[0] ?? null

describe('the session’s cookie', () => {
  it('is found among any others', () => {
    fc.assert(
      fc.property(fc.array(foreign), value, fc.array(foreign), (before, own, after) => {
        const header = [...before, `orchestrator=${own}`, ...after].join('; ')
        expect(read(header)).toBe(own)
      }),
    )
  })

  it('is found next to one that another page set', () => {
    const other = fc.stringMatching(/^[!#-:<-~]{0,60}$/).filter((text) => text.length !== 43)
    fc.assert(
      fc.property(value, other, fc.boolean(), fc.array(foreign), (own, tossed, isFirst, rest) => {
        const pairs = [`orchestrator=${own}`, ...rest, `orchestrator=${tossed}`]
        expect(readAll((isFirst ? pairs.toReversed() : pairs).join('; '))).toEqual([own])
      }),
    )
  })

  it('may be each one of its form, under each name that counts', () => {
    expect(readAll(`orchestrator=${a}; orchestrator=${b}; orchestrator=${a}`)).toEqual([a, b])
    const both = `__Host-orchestrator=${a}; orchestrator=${b}`
    expect(readAll(both, 'localhost:7700', publicUrl)).toEqual([a, b])
  })

  it('is nothing but 43 characters of base64url, of any header', () => {
    const pieces = fc.constantFrom('orchestrator', '__Host-', '=', ';', ' ', '"', a, '\t', ',', '%')
    const header = fc.oneof(
      fc.string(),
      fc.array(pieces).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(header, fc.constantFrom(null, publicUrl), (cookie, url) => {
        const found = read(cookie, 'localhost:7700', url)
        if (found === null) return
        expect(found).toMatch(/^[A-Za-z0-9_-]{43}$/)
        expect(cookie).toContain(`orchestrator=${found}`)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['', 'no cookie'],
    [`Orchestrator=${a}`, 'another name'],
    [`xorchestrator=${a}`, 'a longer name'],
    [`orchestrator =${a}`, 'a space in the name'],
    [`orchestrator="${a}"`, 'quotes'],
    [`orchestrator=${a}a`, 'a longer value'],
    [`orchestrator=${a.slice(1)}`, 'a shorter value'],
    [`orchestrator=${a.slice(1)}+`, 'another alphabet'],
    [`orchestrator=${a}, orchestrator=${b}`, 'a comma'],
  ])('is not %j: %s', (header) => expect(read(header)).toBeNull())

  it('counts over TLS only with the prefix, which pages without TLS cannot set', () => {
    expect(read(`orchestrator=${a}`, 'team.example', publicUrl)).toBeNull()
    expect(read(`orchestrator=${a}; __Host-orchestrator=${b}`, 'team.example', publicUrl)).toBe(b)
    // A proxy may put its own name into Host.
    expect(read(`orchestrator=${a}; __Host-orchestrator=${b}`, 'localhost:7700', publicUrl)).toBe(b)
    expect(read(`__Host-orchestrator=${b}`, 'localhost:7700', 'http://team.example')).toBeNull()
  })

  it.each([
    [{ host: 'localhost:7700' }, null, 'orchestrator'],
    [{ host: 'localhost:7700' }, publicUrl, 'orchestrator'],
    [{ host: 'localhost:7700', origin: publicUrl }, publicUrl, '__Host-orchestrator'],
    [{ host: 'Team.Example:443' }, publicUrl, '__Host-orchestrator'],
    [{ host: 'team.example' }, 'http://team.example', 'orchestrator'],
    [{ host: 'team.example', origin: 'http://localhost:7700' }, publicUrl, '__Host-orchestrator'],
  ] as const)('of %j with publicUrl %s is called %s', (headers, url, name) =>
    expect(nameToSet(headers, url)).toBe(name),
  )

  it('is for this server alone, and over TLS never sent without it', () => {
    expect(writeCookie({ name: '__Host-orchestrator', value: a }, 60)).toBe(
      `__Host-orchestrator=${a}; Max-Age=60; Path=/; HttpOnly; SameSite=Strict; Secure`,
    )
    expect(writeCookie({ name: 'orchestrator', value: a }, 60)).toBe(
      `orchestrator=${a}; Max-Age=60; Path=/; HttpOnly; SameSite=Strict`,
    )
  })
})
