import { setTimeout as delay } from 'node:timers/promises'
import type { Act } from '../runner/act.ts'
import type { Status } from '../runner/status.ts'
import { finding } from '../runner/verify.ts'

/** After the status has shown it: one full pass of the server and more. */
const shownMs = 15_000

/**
 * The engine takes requests and answers none. Meanwhile a worker goes on, and reports: that needs
 * the engine, because the server looks into its workspace.
 */
export const hangEngine: Act = async ({ setup, release, say, status, until, signal }) => {
  const { engine } = setup
  if (engine === null) throw new Error('the server reaches the engine without a proxy')
  const before = status()
  const resume = engine.hold()
  say('The Docker engine answers nothing any more.')
  let shown: string
  try {
    release()
    const { run } = await until('the status says that the engine does not answer', isShown)
    shown = run.needs ?? ''
    say(`The status says: ${shown}`)
    await delay(shownMs, undefined, { signal })
  } finally {
    resume()
  }
  say('The Docker engine answers again.')
  const after = await until('the status says no more of it', (seen) => !isShown(seen))
  const judge = async () => [
    finding('no instance is started again because the engine hung', restartedIn(before, after)),
  ]
  return { judge }
}

const isShown = ({ run }: Status): boolean => /\bengine\b/.test(run.needs ?? '')

const restartedIn = (before: Status, after: Status): readonly string[] =>
  after.instances.flatMap(({ id, launch }) => {
    const former = before.instances.find((instance) => instance.id === id)
    return former && former.launch !== launch ? [`${id} is at launch ${launch}`] : []
  })
