import { describe, expect, it } from 'vitest'
import { remedyIn } from './remedies.ts'

const commandIn = (reason: string): unknown => {
  const step = remedyIn(reason)
  return step !== null && 'tool' in step ? step.input['command'] : null
}

describe('the remedy in a refused report', () => {
  it('is the command that puts the own name into commits', () => {
    const command = 'git commit --amend --no-edit --allow-empty --no-verify --reset-author'
    const reason =
      'task/a contains 1 commits under names that are not yours (e0 by "b"). Commits of others pass ' +
      `as they are. Put your own name into these with\n${command}\nand report again`
    expect(commandIn(reason)).toBe(command)
  })

  it('is the merge of what was handed in before', () => {
    const reason =
      'task/a lacks 1 commits that were handed in before (e0 x): take them into your branch with ' +
      'git merge e0a14a0'
    expect(commandIn(reason)).toBe('git merge e0a14a0')
  })

  it('is not there in other refusals', () => {
    expect(commandIn('Commit these changes')).toBeNull()
  })
})
