import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import type { Configuration } from '../../src/config/configuration.ts'
import { type Overrides, readConfiguration } from '../../src/config/read.ts'
import { describeProblems } from '../../src/lib/problem.ts'

/** The required settings only. */
export const smallest = {
  repositoryUrl: 'https://github.com/org/repo.git',
  workerCount: 2,
  claudeConfigs: 'keys/*.json',
}
export const fourFiles = ['/keys/a.json', '/keys/b.json', '/keys/c.json', '/keys/d.json']

/** A config directory for each test, and what `readConfiguration` makes of it. */
export function useConfigDirectory() {
  let directory: string
  let searches: (readonly [pattern: string, directory: string])[]
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'config-'))
    searches = []
  })
  afterEach(() => rm(directory, { recursive: true }))

  async function read(
    settings: object | string,
    overrides: Overrides = {},
    files: readonly string[] = fourFiles,
  ) {
    await writeFile(
      join(directory, 'orchestrator.json'),
      typeof settings === 'string' ? settings : JSON.stringify(settings),
    )
    const findFiles = (pattern: string, start: string) => {
      searches.push([pattern, start])
      return Promise.resolve(files)
    }
    return readConfiguration(directory, overrides, { home: '/home/olga', findFiles })
  }

  return {
    path: () => directory,
    /** Where credential files were looked for. */
    searches: () => searches,

    async accepted(...given: Parameters<typeof read>): Promise<Configuration> {
      const reading = await read(...given)
      if (!reading.ok) throw new Error(describeProblems(reading.problems))
      return reading.configuration
    },

    async problems(...given: Parameters<typeof read>): Promise<readonly string[]> {
      const reading = await read(...given)
      return reading.ok
        ? []
        : reading.problems.map((problem) =>
            describeProblems([problem]).replaceAll(`${directory}/`, ''),
          )
    },
  }
}
