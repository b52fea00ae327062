import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { isBranchName } from './branch.ts'

const refused = [
  '-x',
  'a..b',
  '.a',
  'a/.b',
  'a.lock',
  'x.lock/y',
  'a/',
  '/a',
  'a//b',
  'a b',
  'a~',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[',
  'a\\b',
  'a@{b',
]
const unprintable = ['a\u0007', 'a\u007f', '', 'a.', 'HEAD']
const accepted = ['main', 'a/b', 'feature/x.y', 'é', 'a@b', 'a-', 'x.locked']

describe('a branch name', () => {
  it.each([...accepted, ...refused, ...unprintable])('%j is judged as git judges it', (name) => {
    expect(isBranchName(name)).toBe(gitAccepts(name))
  })

  it('is not @, which means HEAD', () => {
    expect(isBranchName('@')).toBe(false)
  })
})

function gitAccepts(name: string): boolean {
  try {
    execFileSync('git', ['check-ref-format', '--branch', name], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
