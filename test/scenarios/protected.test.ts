import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { TaskId } from '../../src/core/model/ids.ts'
import { viewMerge, viewProtected } from '../../src/http/operator/views/merge.ts'
import { paste, printedCurls } from '../support/printed-curl.ts'
import { planned } from '../support/run.ts'
import { curl, openSurface } from '../support/surface.ts'
import { worksWell } from './agents.ts'
import { Stage } from './stage.ts'

const ci = '.github/ci.yml'
const a = TaskId('a')

type Paste = (line: string) => Promise<{ readonly statusCode: number; readonly body: string }>

/** A run whose task `a` touches the CI in its first turn, and a person with a shell meanwhile. */
async function runWith(
  person: (paste: Paste, lines: readonly string[], stage: Stage) => Promise<void>,
): Promise<Stage> {
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
    await person((line) => paste(app, line), printedCurls(needs), at)
    await app.close()
  }
  await stage.untilDone()
  return stage
}

const mergeIn = (stage: Stage) => stage.dispatcher.state.merges.find(({ task }) => task === a)

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
