import { describe, expect, it } from 'vitest'
import { attacks } from '../../src/rehearsal/attack/attacks.ts'
import { attack } from '../support/attack.ts'

describe('without the defence', () => {
  it.each(attacks)('the attack $id wins', async ({ id }) => {
    const { code, ok, rows, left } = await attack('--disarmed', id)
    expect(rows).toMatchObject([{ id, held: false, failure: null }])
    expect(rows[0]?.got).not.toEqual([])
    expect({ code, ok, left }).toEqual({ code: 1, ok: false, left: [] })
  })
})
