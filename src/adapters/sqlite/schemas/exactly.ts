import type { z } from 'zod'

type Primitive = string | number | boolean | null | undefined

type DeepReadonly<Value> = Value extends Primitive
  ? Value
  : { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> }

/**
 * A schema that allows exactly the values of a type: the compiler refuses one that lacks some, too.
 * It could not read them back.
 */
export const exactly =
  <Value>() =>
  <Schema extends z.ZodType<Value>>(
    schema: Schema &
      ([Value] extends [DeepReadonly<z.output<Schema>>] ? unknown : 'it lacks values of the type'),
  ): z.ZodType<Value> =>
    schema
