import { Writable } from 'node:stream'
import pino, { type Logger } from 'pino'
import pretty from 'pino-pretty'

export interface LogOptions {
  readonly level: string
  /** Values that must never be readable in a log, in any of their usual encodings. */
  readonly secrets: () => readonly string[]
}

/** The operational log on stdout: JSON lines, or prose on a terminal. */
export function createLog({ level, secrets }: LogOptions): Logger {
  const out = process.stdout.isTTY ? pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }) : process.stdout
  const scrubbed = new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      out.write(redact(line, secrets()), done)
    },
  })
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, scrubbed)
}

/** Replaces every secret, and what base64, hex and URL encoding make of it. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text
  for (const form of secrets.flatMap(formsOf)) clean = clean.replaceAll(form, '[secret]')
  return clean
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
  ]
}
