import type { FastifyInstance } from 'fastify'
import { plainJson } from '../../lib/plain-json.ts'
import { plainText } from '../../lib/plain-text.ts'

/**
 * Answers people, on every route registered on `app` after this call, without control characters
 * and without those that reorder or hide text: a terminal may show the answer. Texts of instances
 * lose them already when they arrive; this is also for those of programs, and of older databases.
 */
export function answerPlainly(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply, payload) => {
    if (typeof payload !== 'string') return payload
    const isJson = String(reply.getHeader('content-type')).startsWith('application/json')
    return isJson ? plainJson(payload) : plainText(payload)
  })
}
