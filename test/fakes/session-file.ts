import type { SessionFile } from '../../src/http/access/sessions.ts'

/** A file of logins in memory, for a test to read, damage and make fail. */
export interface FakeSessionFile extends SessionFile {
  text: string | null
  /** Of both functions; what cannot be written is deleted. */
  failure: Error | null
  /** Whether it cannot be deleted either. */
  isStuck: boolean
  writes: number
}

export function createFakeSessionFile(text: string | null = null): FakeSessionFile {
  const file: FakeSessionFile = {
    ...{ text, failure: null, isStuck: false, writes: 0 },
    read() {
      if (file.failure !== null) throw file.failure
      return file.text
    },
    write(next) {
      file.writes += 1
      if (file.failure !== null && file.isStuck) throw file.failure
      file.text = file.failure === null ? next : null
      return file.failure
    },
  }
  return file
}
