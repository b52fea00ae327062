import { describe, expect, it } from 'vitest'
import { allowedModels } from './models.ts'

describe('the models that instances may use', () => {
  it.each([
    ['claude-opus-5-5', {}, ['claude-opus-5-5', 'claude-opus-5-5[1m]', 'claude-opus-5-5-20261001']],
    ['claude-opus-5-5[1m]', {}, ['claude-opus-5-5']],
    ['claude-opus-5-5', {}, ['claude-haiku-5-5', 'claude-haiku-4-5-20251001']],
    ['opus', {}, ['claude-opus-5-5']],
    ['opusplan', {}, ['claude-opus-5-5', 'claude-sonnet-5-5']],
    ['a/model', { ANTHROPIC_SMALL_FAST_MODEL: 'small' }, ['a/model', 'small']],
    ['claude-opus-5-5', { CLAUDE_CODE_SUBAGENT_MODEL: 'sonnet' }, ['claude-sonnet-5-5']],
    ['default', {}, ['claude-anything']],
  ] as const)('are, with %s and %j, %j', (model, environment, requested) => {
    const isAllowed = allowedModels(model, environment)
    expect(requested.filter((each) => !isAllowed(each))).toEqual([])
  })

  it.each([
    ['claude-opus-5-5', 'claude-fable-5-1'],
    ['claude-opus-5-5', 'claude-opus-5'],
    ['claude-opus-5-5', 'claude-opus-5-5-fast'],
    ['claude-opus-5-5', 'claude-fable-haiku-'],
    ['claude-opus-5-5', ''],
    ['sonnet', 'claude-opus-5-5'],
    ['claude-opus-5-5', 'constructor'],
  ])('with %s are not %s', (model, requested) => {
    expect(allowedModels(model, {})(requested)).toBe(false)
  })
})
