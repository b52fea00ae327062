import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { workerId } from '../core/model/ids.ts'
import { Admission } from './admission.ts'
import { gatewayLimits } from './limits.ts'

const [one, two] = [workerId(1), workerId(2)]
const mebibyte = 1024 ** 2

describe('the bodies of an instance', () => {
  let admission: Admission
  let read: string[]

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
    const volume = { burst: 10 * mebibyte, perSecond: mebibyte }
    admission = new Admission({ ...gatewayLimits, volume })
    read = []
  })
  afterEach(() => void vi.useRealTimers())

  const send = (instance: typeof one, mebibytes: number, name: string): void => {
    const permit = admission.enter(instance)
    permit.hold(mebibytes * mebibyte)
    void permit.turn().then(() => {
      read.push(name)
      permit[Symbol.dispose]()
    })
  }
  const after = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000)

  it('are read at once, up to what one may send at a time', async () => {
    for (const name of ['a', 'b', 'c']) send(one, 3, name)
    await after(0)
    expect(read).toEqual(['a', 'b', 'c'])
  })

  it('wait in order for the time that those before them take, and hold up no others', async () => {
    for (const name of ['a', 'b', 'c']) send(one, 30, name)
    await after(0)
    expect(read).toEqual(['a'])
    send(two, 30, 'of two')
    await after(19)
    expect(read).toEqual(['a', 'of two'])
    await after(2)
    expect(read).toEqual(['a', 'of two', 'b'])
    await after(31)
    expect(read).toEqual(['a', 'of two', 'b', 'c'])
  })
})
