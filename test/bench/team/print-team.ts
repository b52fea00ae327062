import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inside } from '../../../src/adapters/docker/template.ts'
import { shellQuote } from '../../../src/lib/shell.ts'
import type { Sample } from '../../../src/rehearsal/scenarios/sample.ts'
import { allSettled } from './all-settled.ts'
import { rawPrompt } from './raw-script.ts'
import { openRawStage, type RawUse } from './raw-stage.ts'

const mark = '.bench-done'
const lookEveryMs = 100

/**
 * What many do instead: a shell loop with one `claude -p` for each task, in so many containers at
 * once. A container stays until its control group was read.
 */
export async function runPrintTeam(
  sample: Sample,
  workers: number,
  signal: AbortSignal,
): Promise<RawUse> {
  await using stage = await openRawStage(sample, workers)
  await allSettled(
    stage.names.map(async (name) => {
      const prompts = stage.tasksOf(name).map(({ id }, index) => rawPrompt(index + 1, id))
      const loop =
        `for prompt in ${prompts.map(shellQuote).join(' ')}; do ` +
        'claude -p "$prompt" "$@" </dev/null >/dev/null; done'
      const script = `${loop}; touch ${inside.home}/${mark}; exec sleep infinity`
      await stage.start(name, { urlOf: null, script })
      const path = join(stage.homeOf(name), mark)
      while (!(await isThere(path))) await delay(lookEveryMs, undefined, { signal })
    }),
  )
  return await stage.used()
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
