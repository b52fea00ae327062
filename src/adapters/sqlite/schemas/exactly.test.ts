import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { exactly } from './exactly.ts'

interface Row {
  readonly name: string
  readonly state: { readonly at: 'open' | 'closed' } | null
  readonly why?: string
}

const state = z.strictObject({ at: z.enum(['open', 'closed']) })
const whole = { name: z.string(), state: state.nullable(), why: z.exactOptional(z.string()) }
const { why: _why, ...withoutWhy } = whole

describe('a schema of exactly a type', () => {
  it('is what it was', () => {
    const schema = exactly<Row>()(z.strictObject(whole))
    expect(schema.parse({ name: 'a', state: null })).toEqual({ name: 'a', state: null })
  })

  it('is refused by the compiler when it lacks a value or a key', () => {
    const open = z.strictObject({ at: z.literal('open') }).nullable()
    // @ts-expect-error It lacks "closed".
    exactly<Row>()(z.strictObject({ ...whole, state: open }))
    // @ts-expect-error It lacks null.
    exactly<Row>()(z.strictObject({ ...whole, state }))
    // @ts-expect-error It lacks the key "why".
    exactly<Row>()(z.strictObject(withoutWhy))
    expect(z.strictObject(withoutWhy).safeParse({ name: 'a', state: null, why: 'b' }).success).toBe(
      false,
    )
  })
})
