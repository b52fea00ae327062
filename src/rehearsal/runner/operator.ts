import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Script, ScriptedTask } from '../players/script.ts'
import { git } from '../sample/repository.ts'
import { withWorkOf } from '../scenarios/sample.ts'
import type { OperatorAct } from '../scenarios/scenario.ts'
import { type Setup, targetBranch } from './setup.ts'
import type { Status } from './status.ts'

/**
 * A person who acts once, as soon as the status gives the reason. A failed act shows in the end.
 */
export function createOperator(
  act: OperatorAct | undefined,
  script: Script,
  setup: Setup,
): (status: Status) => void {
  let isBusy = false
  return (status) => {
    if (act === undefined || isBusy) return
    const doing = act === 'completes' ? complete(status) : tick(status, script, setup)
    if (doing === null) return
    isBusy = true
    doing.catch(() => (isBusy = false))
  }
}

/** Runs the command line that the status names, as it is. */
function complete({ run }: Status): Promise<unknown> | null {
  const line = /curl .*\/plan\/complete$/.exec(run.needs ?? '')?.[0]
  return line === undefined ? null : promisify(execFile)('sh', ['-c', line])
}

/** Builds the task as its worker would, ticks its item, and pushes both. */
function tick({ tasks }: Status, script: Script, setup: Setup): Promise<void> | null {
  const task = script.tasks.find(({ habit }) => habit.type === 'done-by-hand')
  const isPlanned = tasks.some(({ id, phase }) => id === task?.id && phase === 'working')
  return task === undefined || !isPlanned ? null : buildByHand(task, setup)
}

async function buildByHand(task: ScriptedTask, { root, origin }: Setup): Promise<void> {
  const clone = join(root, `by-hand-${Date.now()}`)
  await git(root, 'clone', '--quiet', '--branch', targetBranch, origin, clone)
  const list = (await git(clone, 'grep', '--files-with-matches', `\\[ \\] ${task.id}:`)).split('\n')
  const path = list[0] ?? ''
  const text = await readFile(join(clone, path), 'utf8')
  await writeFile(join(clone, path), text.replace(`[ ] ${task.id}:`, `[x] ${task.id}:`))
  const index = {
    path: task.entry.path,
    text: await readFile(join(clone, task.entry.path), 'utf8'),
  }
  for (const file of withWorkOf([index], task)) {
    await mkdir(dirname(join(clone, file.path)), { recursive: true })
    await writeFile(join(clone, file.path), file.text)
  }
  await git(clone, 'add', '--all')
  await git(clone, 'commit', '--quiet', '--message', `Build ${task.id} by hand`)
  await git(clone, 'push', '--quiet', 'origin', targetBranch)
}
