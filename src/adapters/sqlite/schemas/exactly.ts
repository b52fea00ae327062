import type { z } from 'zod'

type Primitive = string | number | boolean | null | undefined

type DeepReadonly<Value> = Value extends Primitive
  ? Value
  : { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }

/** With every key required: the compiler sees no key that is missing and may be. */
type EveryKey<Value> = Value extends Primitive
  ? Value
  : { readonly [Key in keyof Value]-?: EveryKey<Value[Key]> }

/** Why a schema is refused; `unknown` for one that is not. */
type Objection<Value, Output> = [Value] extends [DeepReadonly<Output>]
  ? [EveryKey<Output>] extends [EveryKey<Value>]
    ? unknown
    : 'it lacks keys of the type'
  : 'it lacks values of the type'

/**
 * A schema that allows exactly the values of a type: the compiler refuses one that lacks some, too.
 * It could not read them back.
 */
export const exactly =
  <Value>() =>
  <Schema extends z.ZodType<Value>>(
    schema: Schema & Objection<Value, z.output<Schema>>,
  ): z.ZodType<Value> =>
    schema
