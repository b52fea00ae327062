/** A call that the engine did not begin to answer in time. */
class Unanswered extends Error {
  readonly code = 'ETIMEDOUT'
}

/**
 * Makes a call whose answer may last, such as a stream. Rejects with the code ETIMEDOUT, and ends
 * the call, if the engine has not begun to answer after `limitMs`; an answer that has begun has no
 * limit here.
 */
export async function beginning<Answer>(
  limitMs: number,
  call: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const controller = new AbortController()
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const error = new Unanswered(`no answer within ${limitMs / 1000} s`)
    late.reject(error)
    controller.abort(error)
  }, limitMs)
  try {
    return await Promise.race([call(controller.signal), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
