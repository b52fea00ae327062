import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fourFiles, smallest, useConfigDirectory } from '../../test/support/config-directory.ts'
import { readConfiguration } from './read.ts'

const config = useConfigDirectory()
const problem = (what: string, remedy: string) => `${what}\n  → ${remedy}\n`

describe('the problems of a configuration file', () => {
  it.each([
    ['{\n  "workerCount": 3,\n}', ':3:1', 'a comma is followed by no key'],
    ['{\n  "claudeConfigs": canary\n}', ':2:20', 'a value is not JSON'],
    ["{ 'workerCount': 3 }", ':1:3', 'double quotes'],
    ['{ "workerCount": 3', ':1:19', 'comma'],
    ['', ':1:1', 'ends before'],
  ])('point into broken JSON: %j', async (text, place, words) => {
    const [found = ''] = await config.problems(text)
    expect(found).toContain(`orchestrator.json${place}: is not valid JSON`)
    expect(found).toContain(words)
    expect(found).not.toContain('canary')
  })

  it.each(['[]', '3', 'null'])('ask for an object instead of %s', async (text) => {
    expect((await config.problems(text))[0]).toContain('does not hold an object')
  })

  it('name a directory or a file that is not there', async () => {
    const surroundings = { home: '/home/olga', findFiles: () => Promise.resolve([]) }
    const missing = await readConfiguration(join(config.path(), 'gone'), {}, surroundings)
    expect(missing).toMatchObject({
      ok: false,
      problems: [{ file: join(config.path(), 'gone'), what: 'is not there' }],
    })
    await mkdir(join(config.path(), 'orchestrator.json'))
    const unreadable = await readConfiguration(config.path(), {}, surroundings)
    expect(unreadable).toMatchObject({ ok: false, problems: [{ what: 'cannot be read (EISDIR)' }] })
    await rm(join(config.path(), 'orchestrator.json'), { recursive: true })
    const empty = await readConfiguration(config.path(), {}, surroundings)
    expect(empty).toMatchObject({
      ok: false,
      problems: [
        { what: 'is not there', remedy: expect.stringContaining('config.example') as string },
      ],
    })
  })
})

describe('the problems of the credential files', () => {
  it('say when the glob matches nothing', async () => {
    expect((await config.problems(smallest, {}, []))[0]).toContain('claudeConfigs matches no file')
  })

  it('say when the place of the credentials cannot be searched', async () => {
    await writeFile(join(config.path(), 'orchestrator.json'), JSON.stringify(smallest))
    const findFiles = () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }))
    const reading = await readConfiguration(config.path(), {}, { home: '/home/olga', findFiles })
    expect(reading).toMatchObject({
      ok: false,
      problems: [{ key: 'claudeConfigs', what: 'names a place that cannot be searched (EACCES)' }],
    })
  })

  it('count the credentials that the workers and the Manager need', async () => {
    expect(await config.problems(smallest, {}, fourFiles.slice(0, 2))).toEqual([
      problem(
        'orchestrator.json: claudeConfigs matches 2 of the 3 files ' +
          'that the Manager and "workerCount" need',
        'add 1, or lower "workerCount" to 1, or set "limits.instancesPerCredential" to 2',
      ),
    ])
    expect(
      await config.problems(
        { ...smallest, limits: { instancesPerCredential: 2 } },
        {},
        fourFiles.slice(0, 2),
      ),
    ).toEqual([])
  })

  it('offer no worker count of 0', async () => {
    expect(
      (await config.problems({ ...smallest, workerCount: 1 }, {}, fourFiles.slice(0, 1)))[0],
    ).not.toContain('to 0')
  })
})
