import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TaskId } from '../../src/core/model/ids.ts'
import { curlAt } from '../../src/http/operator/views/curl.ts'
import { viewMerge, viewProtected } from '../../src/http/operator/views/merge.ts'
import { planned } from '../support/run.ts'
import { openSurface, operatorToken } from '../support/surface.ts'
import { worksWell } from './agents.ts'
import { Stage } from './stage.ts'

const ci = '.github/ci.yml'
const a = TaskId('a')

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "person's state "))
})
afterEach(() => rm(directory, { recursive: true }))

type Paste = (line: string) => Promise<{ readonly statusCode: number; readonly body: string }>

/** A run whose task `a` touches the CI in its first turn, and a person with a shell meanwhile. */
async function runWith(
  person: (paste: Paste, lines: readonly string[], stage: Stage) => Promise<void>,
): Promise<Stage> {
  const tokenFile = join(directory, 'operator-token')
  await writeFile(tokenFile, `${operatorToken}\n`)
  const curl = curlAt(() => ({ url: 'http://127.0.0.1:7700/', tokenFile }))
  let isAnswered = false
  const stage = await Stage.open({
    plan: [planned('a'), planned('b')],
    work: async (turn) => {
      if (turn.task === a)
        turn.stage.repository.commitOn(turn.worker, a, {
          [ci]: turn.count === 1 ? 'on: push\n' : null,
        })
      else if (!isAnswered) {
        isAnswered = true
        while (mergeIn(turn.stage)?.phase.name !== 'held') await setImmediate()
        await answer(turn.stage)
      }
      await worksWell(turn)
    },
  })
  const answer = async (at: Stage): Promise<void> => {
    const { app } = openSurface(at, {
      protectedChanges: async () => {
        const known = mergeIn(at)
        const isHeld = known?.phase.name === 'held'
        return known !== undefined && isHeld ? viewProtected(known, '+on: push', curl) : null
      },
    })
    const known = mergeIn(at)
    const needs = known === undefined ? '' : (viewMerge(known, curl).needs ?? '')
    const lines = /: (curl .*?) ; .*?: (curl .*?) ; .*?: (curl .*)$/.exec(needs)?.slice(1) ?? []
    await person((line) => paste(app, line), lines, at)
    await app.close()
  }
  await stage.untilDone()
  return stage
}

const mergeIn = (stage: Stage) => stage.dispatcher.state.merges.find(({ task }) => task === a)

/** Runs the words of a command line against the surface, in place of curl. */
async function paste(app: ReturnType<typeof openSurface>['app'], line: string) {
  const show = `curl() { printf '%s\\0' "$@"; }`
  const { stdout } = await promisify(execFile)('sh', ['-c', `${show}; ${line}`])
  const words = stdout.split('\0').slice(0, -1)
  const after = (flag: string) => words.find((_, index) => words[index - 1] === flag)
  const headers = words.filter((_, index) => words[index - 1] === '-H')
  const payload = after('-d')
  const { statusCode, body } = await app.inject({
    method: after('-X') === 'GET' ? 'GET' : 'POST',
    url: new URL(words.at(-1) ?? '').pathname,
    headers: { host: 'localhost', ...Object.fromEntries(headers.map((each) => each.split(': '))) },
    ...(payload === undefined ? {} : { payload }),
  })
  return { statusCode, body }
}

describe('work that touches the CI', () => {
  it('waits for a person, is shown, and lands by the command line of its need', async () => {
    const stage = await runWith(async (run, [look = '', mergeIt = ''], at) => {
      expect(await at.repository.read(ci)).toBeNull()
      const shown = await run(look)
      expect(shown).toMatchObject({ statusCode: 200 })
      expect(shown.body).toContain('+on: push')
      expect(shown.body).toContain(mergeIt)
      expect(await run(mergeIt.replace('on: push', 'other'))).toMatchObject({ statusCode: 409 })
      expect(await run(mergeIt)).toMatchObject({ statusCode: 200 })
      expect(await run(mergeIt)).toMatchObject({ statusCode: 409 })
    })
    expect(await stage.repository.read(ci)).toBe('on: push\n')
  })

  it('comes without that when a person returns it', async () => {
    const stage = await runWith(async (run, [look = '', , returnIt = '']) => {
      expect(await run(returnIt)).toMatchObject({ statusCode: 200 })
      expect(await run(look)).toMatchObject({ statusCode: 404 })
    })
    expect(await stage.repository.read(ci)).toBeNull()
    expect(await stage.repository.read('src/a.js')).not.toBeNull()
  })
})
