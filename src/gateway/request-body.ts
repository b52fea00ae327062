import { z } from 'zod'
import { hasManyParts } from '../lib/json-parts.ts'
import { parseJson } from '../lib/parse-json.ts'
import { refuse } from '../lib/refuse.ts'
import type { Body } from './body.ts'

export interface ModelRequest {
  readonly model: string
  readonly request: unknown
  /** What is sent: exactly what was read, however the original repeats a key. */
  readonly body: Body
}

/**
 * A conversation of a million tokens with a hundred tools has less than a tenth; a body of nothing
 * else would take twenty times its size in memory.
 */
const mostParts = 500_000

const shape = z.looseObject({ model: z.string().min(1).max(200) })

/** Reads a request to the model. Throws 400 for what is none. */
export function readRequest({ chunks }: Body): ModelRequest {
  const bytes = Buffer.concat(chunks)
  if (hasManyParts(bytes, mostParts)) throw refuse(400, 'the body has too many parts')
  const parsed = parseJson(bytes.toString())
  const { success, data } = shape.safeParse(parsed)
  if (!success) throw refuse(400, 'the body is not a request that names its model')
  const text = written(parsed)
  const body = Buffer.from(text)
  return { model: data.model, request: parsed, body: { chunks: [body], bytes: body.length } }
}

function written(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    throw refuse(400, 'the body is nested too deeply', cause)
  }
}
