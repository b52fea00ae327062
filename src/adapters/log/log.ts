import { Writable } from 'node:stream'
import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { Redact } from '../../lib/redact.ts'

export interface LogOptions {
  readonly level: string
  readonly redact: Redact
}

/** The operational log on stdout: JSON lines, or prose on a terminal. */
export function createLog({ level, redact }: LogOptions): Logger {
  const out = process.stdout.isTTY ? pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }) : process.stdout
  const scrubbed = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      out.write(redact(line), done)
    },
  })
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, scrubbed)
}
