import { describe, expect, it } from 'vitest'
import { sessionFiles } from './session.ts'

/** As 2.1.328 writes it. */
const real = {
  pid: 7,
  sessionId: '5d641292-8fc0-483a-bcfa-9257413ee0fe',
  cwd: '/workspace',
  startedAt: 1_795_162_558_772,
  procStart: '179579',
  version: '2.1.328',
  peerProtocol: 1,
  kind: 'interactive',
  entrypoint: 'cli',
  messagingSocketPath: '/tmp/cc-socks/7.sock',
  name: 'workspace-9d',
  status: 'idle',
  updatedAt: 1_795_162_558_934,
}
const file = (changes: object = {}, modifiedMs = 2_000) => ({
  text: JSON.stringify({ ...real, ...changes }),
  modifiedMs,
})
const { read, isWanted } = sessionFiles(1_000)

describe('the status of an agent', () => {
  it.each(['idle', 'busy', 'waiting', 'shell'] as const)(
    'is what its session file says: %s',
    (status) => {
      expect(read([file({ status })])).toBe(status)
    },
  )

  it('is unknown without a file, and when a launch before left one', () => {
    expect(read([])).toBeNull()
    expect(read([file({}, 999)])).toBeNull()
  })

  it('is not that of a Claude Code which the agent started', () => {
    expect(
      read([file({ status: 'idle', startedAt: real.startedAt + 1 }), file({ status: 'busy' })]),
    ).toBe('busy')
    expect(read([file({ kind: 'print' })])).toBeNull()
  })

  it.each(['', 'null', '[]', '{"kind":"interactive","startedAt":1,"status":"asleep"}', '{'])(
    'is unknown when the file says %j',
    (text) => {
      expect(read([{ text, modifiedMs: 2_000 }])).toBeNull()
    },
  )

  it('is only looked for in files that are named by a pid', () => {
    expect(
      ['7.json', '7.ab12.key', '../7.json', '7.json.draft', 'x.json', '12345678901.json'].filter(
        isWanted,
      ),
    ).toEqual(['7.json'])
  })
})
