import { describe, expect, it } from 'vitest'
import { answerQuestions, isApproved } from './state-file.ts'

const answered = (text: string | null, credential = {}) =>
  JSON.parse(answerQuestions(text, '/workspace', credential)) as unknown

describe("the answers to Claude Code's questions", () => {
  it('are enough for an empty home', () => {
    expect(answered(null)).toEqual({
      hasCompletedOnboarding: true,
      projects: { '/workspace': { hasTrustDialogAccepted: true } },
    })
  })

  it('leave everything else as it was', () => {
    const known = {
      numStartups: 3,
      projects: { '/workspace': { lastCost: 1 }, '/other': { a: 1 } },
    }
    expect(answered(JSON.stringify(known))).toEqual({
      numStartups: 3,
      hasCompletedOnboarding: true,
      projects: { '/workspace': { lastCost: 1, hasTrustDialogAccepted: true }, '/other': { a: 1 } },
    })
  })

  it('approve an API key by its last twenty characters, beside those that were', () => {
    const known = JSON.stringify({
      customApiKeyResponses: { approved: ['older'], rejected: ['zyxwvutsrqponmlkjihg'] },
    })
    expect(answered(known, { ANTHROPIC_API_KEY: 'sk-ant-zyxwvutsrqponmlkjihg' })).toMatchObject({
      customApiKeyResponses: { approved: ['older', 'zyxwvutsrqponmlkjihg'], rejected: [] },
    })
  })

  it.each([
    '',
    '{',
    'null',
    '[]',
    '"text"',
    '{"projects":7}',
    '{"projects":{"/workspace":1}}',
    '{"customApiKeyResponses":{"approved":7}}',
  ])('are added to any content that the agent left: %s', (text) => {
    expect(answered(text, { ANTHROPIC_API_KEY: 'k' })).toMatchObject({
      projects: { '/workspace': { hasTrustDialogAccepted: true } },
      customApiKeyResponses: { approved: ['k'] },
    })
  })
})

describe('an API key', () => {
  const key = { ANTHROPIC_API_KEY: 'sk-ant-zyxwvutsrqponmlkjihg' }

  it('is approved once the answers are there, and no longer when they were overwritten', () => {
    expect(isApproved(answerQuestions(null, '/workspace', key), key)).toBe(true)
    expect(isApproved(answerQuestions(null, '/workspace', {}), key)).toBe(false)
    for (const text of [null, '', '{"customApiKeyResponses":7}'])
      expect(isApproved(text, key)).toBe(false)
  })
})
