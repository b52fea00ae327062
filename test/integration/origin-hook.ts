import { existsSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Stage } from './git-stage.ts'

/** What the origin runs before it accepts a push, or after that. */
export async function hook(
  stage: Pick<Stage, 'origin'>,
  script: string,
  name: 'pre-receive' | 'post-receive' = 'pre-receive',
): Promise<void> {
  const path = join(stage.origin, 'hooks', name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `#!/bin/sh\n${script}\n`)
  await chmod(path, 0o755)
}

/** At the next push the origin is silent from the hook on, until let go or the stage is gone. */
export async function holdPush(
  stage: Pick<Stage, 'origin' | 'directory'>,
  name: 'pre-receive' | 'post-receive',
) {
  const [begun, free] = [join(stage.directory, 'begun'), join(stage.directory, 'free')]
  const untilFree = `while test -e ${begun} && ! test -e ${free}; do sleep 0.1; done`
  await hook(stage, `test -e ${begun} && exit; touch ${begun}; ${untilFree}`, name)
  return {
    untilItRuns: async (): Promise<void> => {
      while (!existsSync(begun)) await setTimeout(20)
    },
    letGo: () => writeFile(free, ''),
  }
}
