import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { InstanceId } from '../../src/core/model/ids.ts'
import { LaunchTokens } from '../../src/engine/commands/launch-tokens.ts'
import type { Setup } from '../../src/rehearsal/runner/setup.ts'
import type { FaultRun } from './fault-run.ts'
import type { JournalLine } from './journal-copy.ts'

const homeOf = ({ state }: Setup, instance: string): string =>
  join(state, 'instances', instance, 'home')
export const outboxOf = (setup: Setup, instance: string): string =>
  join(homeOf(setup, instance), '.orchestrator/outbox')

export interface KeptHook {
  readonly instance: string
  readonly file: string
  readonly sequence: number
  readonly launch: number
  readonly event: string
  readonly body: string
}

/** Hooks of the instance that could not be delivered. */
export async function keptBy(setup: Setup, instance: string): Promise<readonly KeptHook[]> {
  const files = (await readdir(outboxOf(setup, instance))).filter((name) =>
    /^\d+\..*\.json$/.test(name),
  )
  return Promise.all(
    files.map(async (file) => {
      const [sequence = '', launch = '', , event = ''] = file.split('.')
      const body = await readFile(join(outboxOf(setup, instance), file), 'utf8')
      return { instance, file, sequence: Number(sequence), launch: Number(launch), event, body }
    }),
  )
}

const stopSummary = z.looseObject({
  subtype: z.literal('stop_hook_summary'),
  hookErrors: z.array(z.unknown()),
  preventedContinuation: z.boolean(),
})

/** Claude Code's own record of the last Stop hook; null while it has written none. */
export async function lastStopOf(
  setup: Setup,
  instance: string,
): Promise<z.infer<typeof stopSummary> | null> {
  const directory = join(homeOf(setup, instance), '.claude/projects/-workspace')
  const texts = await Promise.all(
    (await readdir(directory))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => readFile(join(directory, name), 'utf8')),
  )
  const lines = texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.includes('"stop_hook_summary"'))
  const [last] = lines.slice(-1)
  return last === undefined ? null : stopSummary.parse(JSON.parse(last))
}

async function tokenOf({ state }: Setup, instance: string, launch: number): Promise<string> {
  return new LaunchTokens((await readFile(join(state, 'secret'), 'utf8')).trim()).tokenOf(
    InstanceId(instance),
    launch,
  )
}

/** Sends the hook as the outbox does. Returns the status of the answer. */
export async function replay(
  { setup, server }: Pick<FaultRun, 'setup' | 'server'>,
  { instance, launch, sequence, event, body }: KeptHook,
): Promise<number> {
  const headers = {
    authorization: `Bearer ${await tokenOf(setup, instance, launch)}`,
    'content-type': 'application/json',
    'x-launch': String(launch),
    'x-sequence': String(sequence),
    'x-replay': '1',
  }
  return (await fetch(new URL(`/hooks/${event}`, server.url), { method: 'POST', headers, body }))
    .status
}

/** Whether the line of the journal is this hook. */
export const isHook = (
  { event }: JournalLine,
  instance: string,
  launch: number,
  sequence: number,
): boolean =>
  event.instance === instance && event.launch === launch && event['sequence'] === sequence

/** How often each status was answered. */
export const tally = (statuses: readonly number[]): string =>
  Object.entries(Object.groupBy(statuses, String))
    .map(([status, all]) => `${all?.length} × ${status}`)
    .join(', ')

/** What a hook without an effect leaves as it is. */
export const essence = ({ instances, tasks }: Awaited<ReturnType<FaultRun['status']>>) => ({
  instances: instances.map(({ id, phase, launch, task }) => [id, phase, launch, task]),
  tasks: tasks.map(({ id, phase, attempts }) => [id, phase, attempts]),
})
