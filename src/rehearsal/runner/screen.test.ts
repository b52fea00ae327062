import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createScreen } from './screen.ts'

function screenOn(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 20, rows: 4 })
  return {
    screen: createScreen(stream as unknown as NodeJS.WriteStream),
    written: () => String(stream.read() ?? ''),
  }
}

describe('a screen', () => {
  it('replaces what it showed, in place, and cuts what does not fit', () => {
    const { screen, written } = screenOn(true)
    screen.show(['one', 'x'.repeat(50), 'three', 'four'])
    expect(written()).toBe(`one\n${'x'.repeat(19)}\nthree\n`)
    screen.show(['two'])
    expect(written()).toBe('\u001b[3A\r\u001b[Jtwo\n')
  })

  it('lets a printed line stay', () => {
    const { screen, written } = screenOn(true)
    screen.show(['progress'])
    screen.print('merged')
    screen.show(['more'])
    expect(written()).toBe('progress\n\u001b[1A\r\u001b[Jmerged\nmore\n')
  })

  it('writes plain lines and no codes where no terminal is', () => {
    const { screen, written } = screenOn(false)
    screen.show(['progress'])
    screen.print('merged')
    expect(written()).toBe('merged\n')
  })
})
