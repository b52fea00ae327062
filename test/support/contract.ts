import { expect } from 'vitest'
import type { z } from 'zod'

/**
 * Fails unless the value is exactly what the schema says. The schemas of the contract drop unknown
 * fields, so that an older client can read a newer server; here a field without a schema is an
 * error, at any depth.
 */
export function expectView(schema: z.ZodType, value: unknown): void {
  expect(schema.parse(value)).toStrictEqual(value)
}
