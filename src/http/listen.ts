import type { FastifyInstance } from 'fastify'

/** Answers the address; throws with a remedy when the server cannot listen there. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
    const remedy = isTaken
      ? 'stop what uses it, or choose another port with --port (0 takes a free one)'
      : 'choose another address with --host'
    throw new Error(`the server cannot listen on ${host}:${port}; ${remedy}`, { cause: error })
  }
}

export const portOf = (url: string): number => Number(new URL(url).port)
