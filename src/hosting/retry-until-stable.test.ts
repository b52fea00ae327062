import { beforeEach, describe, expect, it } from 'vitest'
import { retryUntilStable } from './retry-until-stable.ts'

const times = { forMs: 40, withinMs: 1_000, everyMs: 5 }

/** Only sleep takes time. */
let now: number
beforeEach(() => (now = 0))
const time = { now: () => now, sleep: async (ms: number) => void (now += ms) }

/** When the change was made, if `stands` answers so. */
async function madeAt(stands: () => boolean): Promise<readonly number[]> {
  const made: number[] = []
  const make = async () => void made.push(now)
  await retryUntilStable({ make, stands: async () => stands(), ...times }, time)
  return made
}

describe('what has to stand for a while', () => {
  it('is made once if it is not undone', async () => {
    expect(await madeAt(() => true)).toEqual([0])
    expect(now).toBe(times.forMs)
  })

  it('is made again when it was undone, and then has its time', async () => {
    const answers = [true, true, false]
    expect(await madeAt(() => answers.shift() ?? true)).toEqual([0, 15])
    expect(now).toBe(15 + times.forMs)
  })

  it('is given up when it is always undone', async () => {
    expect((await madeAt(() => false)).at(-1)).toBe(times.withinMs)
  })
})
