/**
 * Like `Promise.all`, but fails only once all have ended: what is being started can then be found
 * and removed.
 */
export async function allSettled<Value>(all: readonly Promise<Value>[]): Promise<readonly Value[]> {
  await Promise.allSettled(all)
  return await Promise.all(all)
}
