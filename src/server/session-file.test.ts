import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSessions } from '../../test/support/surface.ts'
import { sessionFileIn } from './session-file.ts'

let directory: string
let path: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sessions-'))
  path = join(directory, 'sessions.json')
})
afterEach(() => rmSync(directory, { recursive: true }))

const open = () => openSessions({ file: sessionFileIn(directory) })

describe('the file of sessions', () => {
  it('is there after the first login, for the server’s user only', () => {
    expect(open().find('x')).toBeNull()
    expect(readdirSync(directory)).toEqual([])
    const { value } = open().open('operator')
    expect(readdirSync(directory)).toEqual(['sessions.json'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(open().find(value)).toMatchObject({ role: 'operator' })
  })

  it('stops no server when it is damaged, or is no file', () => {
    writeFileSync(path, '{"sessions": [')
    expect(open().find('x')).toBeNull()
    rmSync(path)
    mkdirSync(path)
    expect(open().find('x')).toBeNull()
  })

  it('brings back no one who logged out while it could not be written', () => {
    const sessions = open()
    const { value, session } = sessions.open('operator')
    mkdirSync(`${path}.new`)
    sessions.end(session.id)
    rmSync(`${path}.new`, { recursive: true })
    expect(open().find(value)).toBeNull()
  })
})
