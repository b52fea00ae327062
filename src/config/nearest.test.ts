import { describe, expect, it } from 'vitest'
import { nearest } from './nearest.ts'

describe('the nearest word', () => {
  it.each([
    ['wokerCount', 'workerCount'],
    ['WORKERCOUNT', 'workerCount'],
    ['workers', null],
    ['brnch', 'branch'],
    ['prot', 'port'],
    ['x', null],
    ['somethingElse', null],
  ])('to %s is %s', (word, meant) => {
    expect(nearest(word, ['workerCount', 'branch', 'port', 'plan'])).toBe(meant)
  })
})
