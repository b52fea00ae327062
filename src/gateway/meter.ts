import type { IncomingHttpHeaders } from 'node:http'
import type { Usage } from '../core/model/ledger.ts'
import { newTally } from './tally.ts'
import { parseJson } from '../lib/parse-json.ts'

/** Reads the usage from an answer as it is streamed. */
export interface Meter {
  read(chunk: Buffer): void
  usage(): Usage | null
}

/** Events with usage are below 2 kB; a longer line is text of the answer. */
const longestLine = 64 * 1024
/** The longest unstreamed answer, 128,000 tokens of output, is about half of this. */
const longestBody = 1024 * 1024

/** Null for an answer without readable usage: compressed, or of another type. */
export function meterFor(headers: IncomingHttpHeaders): Meter | null {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return null
  const type = headers['content-type'] ?? ''
  if (type.startsWith('text/event-stream')) return streamMeter()
  return type.startsWith('application/json') ? bodyMeter() : null
}

function streamMeter(): Meter {
  const tally = newTally()
  let event = ''
  let parts: Buffer[] = []
  let length = 0

  const keep = (part: Buffer): void => {
    length += part.length
    if (length <= longestLine) parts.push(part)
    else parts = []
  }
  const readLine = (line: Buffer): void => {
    if (line[0] === letterE)
      event = line
        .toString()
        .replace(/^event:\s*/, '')
        .trimEnd()
    else if (event === 'message_start') tally.takeStart(dataIn(line))
    else if (event === 'message_delta') tally.takeDelta(dataIn(line))
  }
  return {
    read(chunk) {
      let from = 0
      for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, from)) {
        const tail = chunk.subarray(from, end)
        from = end + 1
        if (length === 0) readLine(tail)
        else {
          keep(tail)
          readLine(Buffer.concat(parts))
          parts = []
          length = 0
        }
      }
      if (from < chunk.length) keep(chunk.subarray(from))
    },
    usage: tally.usage,
  }
}

const lineFeed = 0x0a
const letterE = 0x65

function dataIn(line: Buffer): unknown {
  const text = line.toString()
  return text.startsWith('data:') ? parseJson(text.slice('data:'.length)) : null
}

function bodyMeter(): Meter {
  let parts: Buffer[] = []
  let length = 0
  return {
    read(chunk) {
      length += chunk.length
      if (length <= longestBody) parts.push(chunk)
      else parts = []
    },
    usage() {
      const tally = newTally()
      tally.takeMessage(parseJson(Buffer.concat(parts).toString()))
      return tally.usage()
    },
  }
}
