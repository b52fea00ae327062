import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RotatingFile } from './rotating-file.ts'

describe('a rotating file', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'log-'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))
  const path = () => join(directory, 'server.log')
  const line = (number: number) => `this is line ${String(number).padStart(4, '0')}\n`
  const linesOf = (file: string) => readFileSync(file, 'utf8').split('\n').slice(0, -1)

  it('keeps the newest lines within its cap and one file more, whole', () => {
    using file = new RotatingFile(path(), 1_000)
    for (let number = 0; number < 1_000; number += 1) file.write(line(number))
    const kept = [...linesOf(`${path()}.1`), ...linesOf(path())]
    expect(kept).toEqual(
      Array.from({ length: kept.length }, (_, index) =>
        line(1_000 - kept.length + index).trimEnd(),
      ),
    )
    expect(statSync(`${path()}.1`).size).toBeLessThan(1_000 + line(0).length)
    expect(statSync(path()).size).toBeLessThan(1_000 + line(0).length)
    expect(statSync(path()).mode & 0o777).toBe(0o600)
  })

  it('goes on where an earlier server left it', () => {
    for (const number of [1, 2, 3]) {
      using file = new RotatingFile(path(), 30)
      file.write(line(number))
    }
    expect([linesOf(`${path()}.1`), linesOf(path())]).toEqual([
      ['this is line 0001', 'this is line 0002'],
      ['this is line 0003'],
    ])
  })

  it('does not fail when it cannot be written, and continues when it can', () => {
    using file = new RotatingFile(join(directory, 'later', 'server.log'), 100)
    file.write(line(1))
    mkdirSync(join(directory, 'later'))
    file.write(line(2))
    expect(linesOf(join(directory, 'later', 'server.log'))).toEqual(['this is line 0002'])
  })
})
