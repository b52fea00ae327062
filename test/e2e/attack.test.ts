import { describe, expect, it } from 'vitest'
import { attacks } from '../../src/rehearsal/attack/attacks.ts'
import { attack } from '../support/attack.ts'

/** Several servers, one after the other, with a minute of attacks on each. */
const patienceMs = 20 * 60_000

const only = ({ id }: { readonly id: string }): readonly string[] => ['--only', id]

describe('attacks on a running system', () => {
  it('get nothing', { timeout: patienceMs }, async () => {
    const { rows, left } = await attack()
    // An attack that could not be made, on a busy machine for instance, proves nothing either way.
    const missed = rows.filter(({ failure }) => failure !== null)
    if (missed.length > 0) process.stdout.write(`made again: ${JSON.stringify(missed)}\n`)
    const again = missed.length === 0 ? null : await attack(...missed.flatMap(only))
    const all = [...rows.filter(({ failure }) => failure === null), ...(again?.rows ?? [])]
    expect(all.filter(({ held }) => !held)).toEqual([])
    expect(all.map(({ id }) => id).toSorted()).toEqual(attacks.map(({ id }) => id).toSorted())
    // A run that failed keeps its directory.
    expect((again ?? { left }).left).toEqual([])
  })

  it('win without the defence', { timeout: patienceMs }, async () => {
    const { code, ok, rows, left } = await attack('--disarmed', 'protected-path')
    expect(rows).toMatchObject([{ id: 'protected-path', held: false, failure: null }])
    expect(rows[0]?.got).toContain('.github/workflows/release.yml on the target branch')
    expect({ code, ok, left }).toEqual({ code: 1, ok: false, left: [] })
  })
})
