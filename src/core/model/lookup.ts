/** The value under an id of the state. Throws when there is none, which is a bug. */
export function found<Value>(noun: string, id: string, value: Value | undefined): Value {
  if (value === undefined) throw new Error(`no ${noun} ${id} in the state`)
  return value
}
