import { describe, expect, it } from 'vitest'
import { Run } from '../../../test/support/run.ts'
import { instance } from './schemas/instance.ts'
import type { StoredDocument } from './stored-document.ts'
import { backupRetries, checksTimeout, instanceRetries, runRetries } from './retries.ts'

const document = (kind: string, value: object): StoredDocument => ({
  kind,
  id: kind,
  position: 0,
  version: 1,
  value,
})
const retry = { tries: 1, until: 5, reason: null }
const phase = (name: string, rest: object = {}) => ({ id: 'x', phase: { name, since: 5, ...rest } })

describe('a document of the first version', () => {
  it.each([
    ['instance', instanceRetries, 'stopping', {}, retry],
    ['instance', instanceRetries, 'quarantined', { until: 9 }, { until: 9, stop: null }],
    ['instance', instanceRetries, 'ready', {}, {}],
    ['run', runRetries, 'finishing', { report: 'r' }, { report: 'r', ...retry }],
    ['run', runRetries, 'done', { report: 'r' }, { report: 'r', isStopped: false, ...retry }],
    ['backup', backupRetries, 'forgetting', {}, retry],
    ['backup', backupRetries, 'saved', { commit: 'c' }, { commit: 'c' }],
  ] as const)('of kind %s gets what its phase waits for', (kind, step, name, before, after) => {
    const [next] = step(document(kind, phase(name, before)))
    const added = kind === 'instance' ? { turnsWithoutTools: 0 } : {}
    const value = { ...added, ...phase(name, after) }
    expect(next).toEqual({ ...document(kind, value), version: 2 })
  })

  it('of an instance keeps its count of turns without tools', () => {
    const [next] = instanceRetries(
      document('instance', { ...phase('ready'), turnsWithoutTools: 2 }),
    )
    expect(next?.value).toMatchObject({ turnsWithoutTools: 2 })
  })

  it('of an instance that never started opens', () => {
    const { instances } = new Run({ workerCount: 2 }, 1).state
    const absent = [...instances.values()].find(({ phase: { name } }) => name === 'absent')
    const { turnsWithoutTools: _, ...old } = absent ?? {}
    const [next] = instanceRetries(document('instance', old))
    expect(next?.value).toEqual(absent)
    expect(instance.parse(next?.value)).toEqual(absent)
  })

  it('of rules gets the default time of the checks', () => {
    const [next] = checksTimeout(document('rules', { workerCount: 3 }))
    expect(next?.value).toEqual({ workerCount: 3, checksTimeoutMs: 1_200_000 })
  })
})
