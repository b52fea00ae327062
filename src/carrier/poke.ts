import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'

/** Calls `onPoke` for each write into a named pipe. Without the pipe it does nothing. */
export function readPokes(path: string, onPoke: () => void): void {
  try {
    new Socket({ fd: openPipe(path), readable: true, writable: false })
      .on('data', onPoke)
      .on('error', () => {})
  } catch {
    // What was stored is taken with the next hook.
  }
}

/** Writes a line into a named pipe, whether anything reads it or not. */
export function poke(path: string, line: string): void {
  const pipe = openPipe(path)
  writeSync(pipe, line)
  closeSync(pipe)
}

/** Both ways: so it neither waits for the other side nor ends with it. */
const openPipe = (path: string): number => openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
