import { mkdirSync, readdirSync } from 'node:fs'

/** What a directory holds, which is made when it is missing; nothing where it cannot be made. */
export function namesIn(directory: string): readonly string[] {
  try {
    mkdirSync(directory, { recursive: true })
    return readdirSync(directory)
  } catch {
    return []
  }
}
