import { execFile, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CredentialId } from '../../src/core/model/ids.ts'
import type { Asked, Given, Seen } from '../support/runtime-of-user.ts'
import {
  anOrder,
  containerOf,
  dockerSubject,
  openRuntimeStage,
  worker1,
  worker2,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'

const execute = promisify(execFile)
const hasEngine = spawnSync('docker', ['version']).status === 0
const isRoot = process.getuid?.() === 0
const patience = { timeout: 110_000, interval: 20 }

/** Of the kernel's limits for a user, this test uses up those of one that nothing else runs as. */
const uid = 45_671

/** Takes every inotify instance of its user, and again whatever becomes free. */
const useUp = `my $init = shift;
  while (1) {
    1 while syscall($init, 0) >= 0;
    open(my $mark, '>', '/tmp/used-up');
    select(undef, undef, undef, 0.05);
  }`
const inotifyInit1 = process.arch === 'arm64' ? 26 : 294

const alice = CredentialId('alice')

describe.skipIf(!isRoot || (!hasEngine && process.env.CI === undefined))(
  'a worker that uses up the inotify of its user',
  () => {
    let stage: RuntimeStage
    let subject: Subject
    let serving: AsyncDisposableStack
    let pool: string

    const writeKey = async (name: string): Promise<void> => {
      const file = join(pool, `${name}.json`)
      await writeFile(file, `sk-ant-api03-fake-${name}\n`, { mode: 0o600 })
      await chown(file, uid, uid)
    }

    beforeEach(async () => {
      stage = await openRuntimeStage()
      pool = join(stage.directory, 'pool')
      await mkdir(pool)
      await writeKey('key-1')
      subject = dockerSubject(stage)
      serving = new AsyncDisposableStack()
      const names = await readdir(stage.directory, { recursive: true })
      for (const path of ['.', ...names]) await chown(join(stage.directory, path), uid, uid)
    })

    afterEach(async () => {
      await serving.disposeAsync()
      await subject.close()
    })

    /** A server of that user. */
    async function serve() {
      const { directory, hub, run } = stage
      const given: Given = { stage: { directory, hub, run }, uid, pool }
      const program = join(import.meta.dirname, '../support/runtime-of-user.ts')
      const child = fork(program, [JSON.stringify(given)], { execArgv: [], cwd: '/' })
      const seen: Seen[] = []
      child.on('message', (message) => seen.push(message as Seen))
      const end = async (): Promise<void> => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const exit = once(child, 'exit')
        child.kill('SIGKILL')
        await exit
      }
      serving.defer(end)
      const until = (wanted: Seen) =>
        vi.waitFor(() => {
          expect(seen.filter(({ type }) => type === 'failed')).toEqual([])
          expect(seen).toContainEqual(wanted)
        }, patience)
      await until({ type: 'ready' })
      return { ask: (asked: Asked) => child.send(asked), until, end }
    }

    const inside = (...words: readonly string[]) =>
      execute('docker', ['exec', containerOf(stage, worker1), ...words])

    it('hides nothing from a server of the same user that starts then', async () => {
      const before = await serve()
      before.ask('watch')
      await before.until({ type: 'watch', refusal: null })
      before.ask({ start: anOrder({ credential: alice, login: { id: alice, text: 'one' } }) })
      await before.until({ type: 'status', instance: worker1, status: 'idle' })
      await before.end()

      const argv = ['perl', '-e', useUp, String(inotifyInit1)]
      await execute('docker', ['exec', '--detach', containerOf(stage, worker1), ...argv])
      await vi.waitFor(() => inside('test', '-e', '/tmp/used-up'), patience)

      const server = await serve()
      server.ask('watch')
      await server.until({ type: 'watch', refusal: 'EMFILE' })
      await server.until({ type: 'status', instance: worker1, status: 'idle' })
      await server.until({ type: 'login', instance: worker1, text: 'one' })
      await subject.renew(worker1, 'two')
      await server.until({ type: 'login', instance: worker1, text: 'two' })
      server.ask({ start: anOrder({ instance: worker2 }) })
      await server.until({ type: 'status', instance: worker2, status: 'idle' })

      const unwatched =
        'cannot be watched (EMFILE): raise fs.inotify.max_user_instances; until then it is read ' +
        'every 10 s'
      await writeKey('key-2')
      const names = ['key-1', 'key-2']
      await server.until({ type: 'credentials', names, problems: [unwatched] })
      await inside('pkill', '-KILL', '-x', 'perl')
      await server.until({ type: 'credentials', names, problems: [] })
    })
  },
)
