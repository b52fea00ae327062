import { describe, expect, it } from 'vitest'
import { noHandoffs } from '../../../test/support/status.ts'
import type { Status } from './status.ts'
import { formatTable } from './table.ts'
import { renderProgress } from './view.ts'

const status: Status = {
  run: { id: 'r', phase: 'executing', reason: null, needs: null },
  lines: [],
  instances: [
    {
      id: 'manager',
      phase: 'ready',
      until: null,
      launch: 1,
      task: null,
      credential: null,
      needs: null,
    },
    {
      id: 'worker-1',
      phase: 'working',
      until: null,
      launch: 1,
      task: 'b',
      credential: 'key-2',
      needs: null,
    },
    {
      id: 'worker-2',
      phase: 'absent',
      until: null,
      launch: 1,
      task: null,
      credential: null,
      needs: 'a free credential',
    },
    {
      id: 'worker-3',
      phase: 'limited',
      until: '2026-01-01T09:16:00.000Z',
      launch: 1,
      task: 'c',
      credential: 'key-3',
      needs: null,
    },
  ],
  tasks: (['merged', 'working'] as const).map((phase, index) => ({
    id: 'ab'.charAt(index),
    phase,
    assignee: 'worker-1',
    attempts: 1,
    reason: null,
    needs: null,
  })),
  credentials: [],
  handoffs: noHandoffs,
  terminals: { socket: 's' },
}

describe('the progress of a run', () => {
  const lines = renderProgress(status, ['merged a'], 1_540)

  it('shows the share that is merged as a bar', () => {
    expect(lines.join('\n')).toContain(
      `${'█'.repeat(20)}${'░'.repeat(20)}  1 of 2 merged  executing  1.5 s`,
    )
  })

  it('shows what each instance does and what it needs', () => {
    expect(lines.join('\n')).toMatch(
      /worker-1 +working +key-2 +b\n +worker-2 +absent .*needs a free credential\n +worker-3 +limited +key-3 +c +until 09:16/,
    )
  })

  it('shows the tasks by their phase, and what happened last', () => {
    expect(lines.join('\n')).toMatch(/working +1 +b\n/)
    expect(lines.at(-1)).toBe('  merged a')
  })
})

describe('a table', () => {
  it('aligns its columns below an underlined head', () => {
    expect(
      formatTable([
        ['task', 'worker'],
        ['a-longer-one', '1'],
      ]),
    ).toEqual(['task          worker', '────────────  ──────', 'a-longer-one  1'])
  })
})
