import { Writable } from 'node:stream'
import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'
import { plainJson } from '../../lib/plain-json.ts'
import { plainText } from '../../lib/plain-text.ts'
import type { Redact } from '../../lib/redact.ts'
import { RotatingFile } from './rotating-file.ts'

export interface LogOptions {
  readonly level: string
  readonly redact: Redact
  /** The file that gets the same lines, independent of stdout. */
  readonly file: string
}

/** A few days of a busy run; with the previous file, twice as much. */
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
      const redacted = plainLine(redact(line))
      kept.write(redacted)
      // A closed terminal or a full disk must not disturb the run.
      out.write(redacted, () => done())
    },
  })
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, scrubbed)
}

/**
 * Names, reasons and errors come from instances and other programs, and the log is read in
 * terminals. Redaction may have left something that is no JSON.
 */
function plainLine(line: string): string {
  try {
    return `${plainJson(line.trimEnd())}\n`
  } catch {
    return plainText(line)
  }
}
