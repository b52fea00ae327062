import type { SessionFile } from '../../src/http/access/sessions.ts'

/** A file of logins in memory, for a test to read, damage and make fail. */
export interface FakeSessionFile extends SessionFile {
  text: string | null
  /** Thrown by both functions. */
  failure: Error | null
  writes: number
}

export function createFakeSessionFile(text: string | null = null): FakeSessionFile {
  const file: FakeSessionFile = {
    ...{ text, failure: null, writes: 0 },
    read() {
      if (file.failure !== null) throw file.failure
      return file.text
    },
    write(next) {
      file.writes += 1
      file.text = file.failure === null ? next : null
      if (file.failure !== null) throw file.failure
    },
  }
  return file
}
