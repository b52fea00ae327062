import { describe, expect, it } from 'vitest'
import { commit } from '../../../test/support/run.ts'
import { finalReport } from './final-report.ts'

describe('the final report', () => {
  it("is the Manager's when the origin has everything", () => {
    expect(finalReport('Built.\n', [])).toBe('Built.\n')
  })

  it('says which commits are not on the origin, where they are, and how to push them', () => {
    const missing = { branch: 'main', head: commit('abc'), commits: 3, hub: '/state/hub.git' }
    const text = finalReport('Built.\n', [{ ...missing, reason: 'protected branch' }])
    expect(text).toContain('Built.\n\n## Not on the origin')
    expect(text).toContain(`3 commits of main, up to ${commit('abc')}, are on the branch main`)
    expect(text).toContain('(the last push failed: protected branch)')
    expect(text).toContain('git --git-dir=/state/hub.git push <origin> main')
  })
})
