import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stage } from './git-stage.ts'

/** What the origin runs before it accepts a push. */
export async function hook(stage: Stage, script: string): Promise<void> {
  await mkdir(join(stage.origin, 'hooks'), { recursive: true })
  await writeFile(join(stage.origin, 'hooks/pre-receive'), `#!/bin/sh\n${script}\n`)
  await chmod(join(stage.origin, 'hooks/pre-receive'), 0o755)
}
