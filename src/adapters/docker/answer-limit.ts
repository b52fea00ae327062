import type Dockerode from 'dockerode'

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

type Done = (error: unknown, answer?: unknown) => void

interface Modem {
  dial(options: unknown, done: Done): void
}

/**
 * Makes every call of `api` fail with the code ETIMEDOUT when its answer is not whole after
 * `limitMs`. The library calls back for a whole answer and for an error of the request: an answer
 * that is cut or does not go on is neither.
 */
export function limitAnswers(api: Dockerode, limitMs: number): Dockerode {
  const modem = api.modem as Modem
  const dial = modem.dial.bind(modem)
  modem.dial = (options, done) => {
    let isOver = false
    const settle: Done = (error, answer) => {
      clearTimeout(timer)
      if (!isOver) done(error, answer)
      isOver = true
    }
    const timer = setTimeout(
      () => settle(new Unanswered(`no whole answer within ${limitMs / 1000} s`)),
      limitMs,
    )
    dial(options, settle)
  }
  return api
}
