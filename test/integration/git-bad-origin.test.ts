import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mountProblem, SmallDisk } from '../support/small-disk.ts'
import { git, openStage, type Stage } from './git-stage.ts'
import { hook } from './origin-hook.ts'

const list = 'WORKER_1_TASK_LIST.md'

/** A hub made from the stage's origin, and the same hub as if that were at another address. */
async function begin(stage: Stage, origin: string) {
  const { head } = await stage.repository().ensureReady()
  const repository = stage.repository({ origin })
  await repository.commitFiles({ [list]: 'x' }, 'Write\n')
  return { head, repository }
}

/** What a repository at this address says when it is fetched from and pushed to. */
async function complaints({ repository }: Awaited<ReturnType<typeof begin>>) {
  const fetched = await repository.mergeUpstream().catch(String)
  const pushed = await repository.publish()
  return [fetched, pushed.type === 'refused' && !pushed.moved ? pushed.reason : pushed]
}

describe('an origin that answers', () => {
  it.each<[string, number, Record<string, string>, RegExp]>([
    [
      'a page instead of git',
      200,
      { 'content-type': 'text/html' },
      /not valid: is this a git repository\?; what answers there is no git repository/,
    ],
    [
      'a page that says that it is down',
      503,
      { 'content-type': 'text/html' },
      /error: 503; check the URL and the network/,
    ],
    [
      'with git and ends with a page',
      200,
      { 'content-type': 'application/x-git-upload-pack-advertisement' },
      /; what answers there is no git repository/,
    ],
    [
      'that it wants a password',
      401,
      { 'www-authenticate': 'Basic realm="stage"' },
      /could not read Username.*; give the server the right to it/,
    ],
  ])('%s is reported in one line with a remedy', async (_, status, headers, line) => {
    await using stage = await openStage()
    await using page = await servePage(status, headers)
    const scene = await begin(stage, `http://127.0.0.1:${page.port}/origin.git`)
    for (const complaint of await complaints(scene)) {
      expect(complaint).toMatch(line)
      expect(complaint).not.toContain('\n')
    }
    const { repository } = scene
    expect(await stage.repository().publish()).toEqual({
      type: 'published',
      commit: await repository.head(),
    })
  })
})

describe('an origin whose disk is full', () => {
  it.skipIf(mountProblem !== null)(
    'refuses the push, and takes it when there is room',
    async () => {
      await using stage = await openStage()
      mkdirSync(join(stage.directory, 'disk'))
      using disk = new SmallDisk(join(stage.directory, 'disk'), 2)
      const origin = join(disk.path, 'origin.git')
      await git(stage.directory, 'clone', '--quiet', '--bare', stage.origin, origin)
      const { repository } = await begin(stage, origin)
      const text = randomBytes(256 * 1024).toString('hex')
      const commit = await repository.commitFiles({ 'big.txt': text }, 'Big\n')
      disk.fill()
      const refused = await repository.publish()
      expect(refused).toMatchObject({
        type: 'refused',
        moved: false,
        reason: expect.stringMatching(
          /No space left on device.*; free space at the origin/,
        ) as string,
      })
      disk.free()
      expect(await repository.publish()).toEqual({ type: 'published', commit })
    },
  )
})

describe('an origin that rejects a push', () => {
  it('after it was silent for longer than a fetch may be is reported with its reason', async () => {
    await using stage = await openStage()
    const { head } = await stage.repository().ensureReady()
    const repository = stage.repository({ patience: { fetchMs: 1_000, pushMs: 60_000 } })
    await repository.commitFiles({ [list]: 'x' }, 'Write\n')
    await hook(stage, 'sleep 3\necho "the scan found a licence that is not allowed" >&2\nexit 1')
    expect(await repository.publish()).toMatchObject({
      type: 'refused',
      moved: false,
      reason: expect.stringContaining(
        'remote: the scan found a licence that is not allowed',
      ) as string,
    })
    expect(await git(stage.origin, 'rev-parse', 'main')).toBe(head)
  })

  it('is quoted without characters that act on a terminal or turn the text around', async () => {
    await using stage = await openStage()
    const repository = stage.repository()
    await repository.ensureReady()
    await repository.commitFiles({ [list]: 'x' }, 'Write\n')
    const words = 'not allowed: \u{202E}licence\u{1B}]52;c;cm0=\u{7} of \u{9B}2Ja\u{2066}b'
    await hook(stage, `printf '%s\\n' '${words}' >&2\nexit 1`)
    const outcome = await repository.publish()
    expect(outcome).toMatchObject({ reason: expect.stringContaining('licence') as string })
    expect(JSON.stringify(outcome)).not.toMatch(/[\p{Cc}\p{Bidi_Control}]|\\u/u)
  })
})

async function servePage(status: number, headers: Record<string, string>) {
  const server = createServer((_, response) => {
    response.writeHead(status, headers).end('<html><title>Sign in</title></html>\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
