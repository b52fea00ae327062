import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Command } from '../support/command.ts'

const outcome = z.object({
  ok: z.boolean(),
  runtime: z.enum(['docker', 'process']),
  workers: z.number(),
  tasks: z.array(
    z.object({
      id: z.string(),
      worker: z.string().nullable(),
      phase: z.string(),
      attempts: z.number(),
      commit: z.string().nullable(),
    }),
  ),
  targetBranch: z.literal('main'),
  head: z.string().regex(/^[0-9a-f]{40}$/),
  published: z.boolean(),
  originHead: z.string().nullable(),
  repository: z.string(),
  handoffMs: z.object({ p50: z.number().nullable(), p95: z.number().nullable() }),
  seconds: z.number(),
  findings: z.array(z.object({ promise: z.string(), problem: z.string().nullable() })),
})

const start = (...words: string[]) => Command.start('src/rehearsal/main.ts', '--json', ...words)

async function rehearse(...words: string[]) {
  await using command = await start(...words)
  const [last, printed, code] = await Promise.all([
    command.lastLine(),
    command.stderr,
    command.exit,
  ])
  return {
    code,
    printed,
    outcome: last === '' ? null : outcome.parse(JSON.parse(last)),
    left: leftovers(command, printed),
  }
}

const problems = (findings: z.infer<typeof outcome>['findings'] | undefined) =>
  findings?.filter(({ problem }) => problem !== null)

/**
 * Whatever still knows of the place where the rehearsal took place: files, processes, containers,
 * terminals.
 */
function leftovers({ place }: Command, printed: string): readonly string[] {
  const pids = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && Number(name) !== process.pid,
  )
  const processes = pids.filter((pid) =>
    ['cmdline', 'environ'].some((file) => contents(`/proc/${pid}/${file}`).includes(place)),
  )
  const socket = /tmux -L (\S+)/.exec(printed)?.[1]
  return [
    ...readdirSync(place),
    ...processes.map((pid) => contents(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')),
    ...(hasEngine ? containers().filter((description) => description.includes(place)) : []),
    ...(socket !== undefined && hasSessions(socket) ? [`tmux -L ${socket}`] : []),
  ]
}

function contents(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // it has ended, or is not ours to see
  }
}

function containers(): readonly string[] {
  const ids = execFileSync('docker', ['ps', '--all', '--quiet'], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
  return ids.map((id) => spawnSync('docker', ['inspect', id], { encoding: 'utf8' }).stdout)
}

const hasSessions = (socket: string): boolean =>
  spawnSync('tmux', ['-L', socket, 'list-sessions']).status === 0

const hasEngine = (() => {
  try {
    execFileSync('docker', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe('a rehearsal whose scenario needs containers', () => {
  it('is refused with the runtime process', async () => {
    const { code, printed } = await rehearse('--runtime', 'process', '--scenario', 'engine-hang')
    expect(code).toBe(1)
    expect(printed).toContain('the scenario engine-hang needs containers')
  })
})

describe.each(['docker', 'process'] as const)('a rehearsal with the runtime %s', (runtime) => {
  const isPossible = runtime === 'process' || hasEngine || Boolean(process.env['CI'])

  it.runIf(isPossible)(
    'merges every task, dependency and conflict included, and leaves nothing behind',
    async () => {
      const { code, printed, outcome, left } = await rehearse(
        '--runtime',
        runtime,
        '--workers',
        '2',
        '--tasks',
        '4',
      )
      expect(problems(outcome?.findings), printed).toEqual([])
      expect(code).toBe(0)
      const originHead = outcome?.head
      expect(outcome).toMatchObject({
        ok: true,
        runtime,
        workers: 2,
        published: true,
        originHead,
      })
      expect(outcome?.tasks.map(({ phase }) => phase)).toEqual([
        'merged',
        'merged',
        'merged',
        'merged',
      ])
      expect(printed).toMatch(/\S+ conflicts with the target branch in src\/index\.js/)
      expect(left).toEqual([])
    },
  )

  it.runIf(isPossible)(
    'ends with 130 and leaves nothing behind when it is interrupted',
    async () => {
      await using command = await start('--runtime', runtime, '--workers', '1', '--tasks', '9')
      await command.printed('begins')
      command.interrupt()
      expect(await command.exit).toBe(130)
      expect(await command.stdout).toBe('')
      const printed = await command.stderr
      expect(printed).toContain('interrupted by SIGINT')
      expect(leftovers(command, printed)).toEqual([])
    },
  )
})
