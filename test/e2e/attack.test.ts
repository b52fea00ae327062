import { describe, expect, it } from 'vitest'
import { attacks } from '../../src/rehearsal/attack/attacks.ts'
import { attack } from '../support/attack.ts'

/** Several servers, one after the other, with a minute of attacks on each. */
const patienceMs = 20 * 60_000

describe('attacks on a running system', () => {
  it('get nothing', { timeout: patienceMs }, async () => {
    const { code, rows, left } = await attack()
    expect(rows.filter(({ held }) => !held)).toEqual([])
    expect(rows.map(({ id }) => id).toSorted()).toEqual(attacks.map(({ id }) => id).toSorted())
    expect({ code, left }).toEqual({ code: 0, left: [] })
  })

  it('win without the defence', { timeout: patienceMs }, async () => {
    const { code, ok, rows, left } = await attack('--disarmed', 'protected-path')
    expect(rows).toMatchObject([{ id: 'protected-path', held: false, failure: null }])
    expect(rows[0]?.got).toContain('.github/workflows/release.yml on the target branch')
    expect({ code, ok, left }).toEqual({ code: 1, ok: false, left: [] })
  })
})
