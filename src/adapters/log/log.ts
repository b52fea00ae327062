import { Writable } from 'node:stream'
import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { Redact } from '../../lib/redact.ts'
import { RotatingFile } from './rotating-file.ts'

export interface LogOptions {
  readonly level: string
  readonly redact: Redact
  /** Where the same lines are kept for later, whatever becomes of stdout. */
  readonly file: string
}

/** A few days of a busy run; with its predecessor twice as much. */
const capBytes = 8 << 20

/** The operational log on stdout: JSON lines, or prose on a terminal. */
export function createLog({ level, redact, file }: LogOptions): Logger {
  const out = process.stdout.isTTY
    ? pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' })
    : process.stdout
  process.stdout.on('error', () => undefined)
  const kept = new RotatingFile(file, capBytes)
  const scrubbed = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      const told = redact(line)
      kept.write(told)
      // Nor does it matter to the run when a terminal has gone or a disk is full.
      out.write(told, () => done())
    },
  })
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, scrubbed)
}
