import { chmod, mkdir, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultWord } from '../../src/core/model/protected.ts'
import type { Edits } from '../fakes/three-way.ts'
import { begin, one, walls } from './git-intake-scene.ts'
import { direction, git } from './git-stage.ts'

/** What a worker's report changes in protected paths, as its merge says. */
async function scene(files: Readonly<Record<string, string>> = direction) {
  const stage = await begin(files)
  /** Commits everything that is in the workspace, made with plain commands there. */
  const report = async (edits: Edits, change: (workspace: string) => Promise<void> = nothing) => {
    await stage.commitOn(one, walls, edits)
    const workspace = stage.workspaceOf(one)
    await change(workspace)
    await git(workspace, 'add', '--all')
    await git(workspace, 'commit', '--quiet', '--allow-empty', '--message', 'More work')
    const taken = await stage.takeIn()
    if (taken.type !== 'taken-in') throw new Error(taken.reason)
    const outcome = await stage.merge(taken.commit)
    if (outcome.type !== 'candidate') throw new Error(JSON.stringify(outcome))
    return outcome
  }
  return { ...stage, report, [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose]() }
}

const nothing = async () => undefined

describe('a worker that changes what is the operator’s', () => {
  it('is held for a workflow, settings, instructions, the direction and a link at once', async () => {
    await using stage = await scene()
    const { protected: work } = await stage.report(
      {
        '.github/workflows/exfil.yml': 'on: push\n',
        '.claude/settings.json': '{"env":{}}\n',
        'CLAUDE.md': 'Obey.\n',
        'PROJECT_DIRECTION.md': 'Build another thing.\n',
        'walls.txt': 'brick\n',
      },
      (workspace) => symlink('/etc/passwd', join(workspace, 'users')),
    )
    expect(work?.paths).toEqual([
      '.claude/settings.json',
      '.github/workflows/exfil.yml',
      'CLAUDE.md',
      'PROJECT_DIRECTION.md',
      'users',
    ])
    if (work === null) throw new Error('nothing is held')
    const shown = await stage.repository.describeProtected(work, 10_000)
    expect(shown).toContain('"users": nothing -> 120000')
    expect(shown).toContain('(a link to "/etc/passwd")')
    expect(shown).toContain('+on: push')
    expect(shown).toContain('-Build a tower.\n+Build another thing.')
    expect(shown).not.toContain('brick')
  })

  it('is not held for ordinary work', async () => {
    await using stage = await scene()
    const outcome = await stage.report({ 'src/a.ts': 'x\n', 'github/workflows/a.yml': 'x\n' })
    expect(outcome.protected).toBeNull()
  })

  it.each<[string, Edits]>([
    ['another case', { '.GitHub/workflows/a.yml': 'on: push\n' }],
    ['another case of a name', { 'claude.MD': 'Obey.\n' }],
    ['a directory deep in the tree', { 'src/lib/.claude/settings.json': '{}\n' }],
    ['a line feed in the name', { 'a\nb/.claude/settings.json\nc': '{}\n' }],
    ['a name below a hidden directory', { '.github/.hidden/.x': 'x\n' }],
    ['characters that show nothing', { '.git\u200chub/workflows/a.yml': 'on: push\n' }],
    ['a soft hyphen', { 'CLA\u00adUDE.md': 'Obey.\n' }],
    ['compatible letters', { 'ＣＬＡＵＤＥ.md': 'Obey.\n', 'CLAUDE\u2024md': 'Obey.\n' }],
    ['a dot at the end', { 'CLAUDE.md.': 'Obey.\n' }],
    ['a space at the end', { '.github /workflows/a.yml': 'on: push\n' }],
    ['a stream of NTFS', { 'CLAUDE.md::$DATA': 'Obey.\n' }],
    ['a backslash', { '.github\\workflows\\a.yml': 'on: push\n' }],
    ['a file in place of a directory', { '.github': 'x\n' }],
    ['a code workspace', { 'tower.code-workspace': '{}\n' }],
    ['hooks', { '.husky/pre-commit': 'curl evil\n' }],
    ['attributes', { 'docs/.gitattributes': '* filter=x\n' }],
  ])('is held for %s', async (_, edits) => {
    await using stage = await scene()
    expect((await stage.report(edits)).protected?.count).toBe(Object.keys(edits).length)
  })

  it.each<[string, string, string]>([
    ['an absolute link', 'a', '/etc/passwd'],
    ['steps out of the tree', 'docs/a', '../../secret'],
    ['steps behind a name', 'docs/a', 'b/../../../etc'],
    ['the directory of git', 'a', '.git/config'],
    ['the directory of git in another case', 'a', './.GIT/hooks'],
    ['a path of Windows', 'a', 'C:\\Users'],
    ['a backslash', 'docs/a', '..\\..\\secret'],
  ])('is held for a link by %s', async (_, path, target) => {
    await using stage = await scene()
    const { protected: work } = await stage.report({}, async (workspace) => {
      await mkdir(dirname(join(workspace, path)), { recursive: true })
      await symlink(target, join(workspace, path))
    })
    expect(work?.paths).toEqual([path])
  })

  it('is not held for a link within the tree', async () => {
    await using stage = await scene({ ...direction, 'docs/guide.md': 'x\n' })
    const { protected: work } = await stage.report({}, async (workspace) => {
      await symlink('docs/guide.md', join(workspace, 'guide'))
      await symlink('../docs/./guide.md', join(workspace, 'docs/own'))
    })
    expect(work).toBeNull()
  })

  it('is held for a directory that becomes a link, with all that was in it', async () => {
    await using stage = await scene({ ...direction, '.github/workflows/a.yml': 'on: push\n' })
    const { protected: work } = await stage.report(
      { 'ci/workflows/a.yml': 'evil\n' },
      async (at) => {
        await rm(join(at, '.github'), { recursive: true })
        await symlink('ci', join(at, '.github'))
      },
    )
    expect(work?.paths).toEqual(['.github', '.github/workflows/a.yml'])
  })

  it('is held for the file to which a protected link of the target leads', async () => {
    await using stage = await begin({ ...direction, 'docs/guide.md': 'Be kind.\n' })
    await symlink('docs/guide.md', join(stage.human, 'CLAUDE.md'))
    await symlink('config/agent', join(stage.human, '.claude'))
    await symlink('settings', join(stage.human, 'docs/other'))
    await stage.push({ 'config/agent/settings.json': '{}\n' })
    await stage.repository.mergeUpstream()
    const commit = await stage.commitOn(one, walls, {
      'docs/guide.md': 'Obey.\n',
      'config/agent/settings.json': '{"env":{}}\n',
      settings: 'x\n',
    })
    await stage.takeIn()
    expect(await stage.merge(commit)).toMatchObject({
      protected: { paths: ['config/agent/settings.json', 'docs/guide.md'] },
    })
  })

  it('is held for a deletion, a new mode, and a move into or out of a protected path', async () => {
    const files = { ...direction, '.github/a.yml': 'a\n', '.github/b.yml': 'b\n', 'c.yml': 'c\n' }
    await using stage = await scene({ ...files, '.husky/commit': 'x\n' })
    const { protected: work } = await stage.report({}, async (workspace) => {
      await rm(join(workspace, '.github/a.yml'))
      await git(workspace, 'mv', '.github/b.yml', 'b.yml')
      await git(workspace, 'mv', 'c.yml', '.github/c.yml')
      await chmod(join(workspace, '.husky/commit'), 0o755)
    })
    expect(work?.paths).toEqual([
      '.github/a.yml',
      '.github/b.yml',
      '.github/c.yml',
      '.husky/commit',
    ])
  })

  it('is held for a gitlink, whatever its path', async () => {
    await using stage = await scene()
    const { protected: work } = await stage.report({}, async (workspace) => {
      const head = await git(workspace, 'rev-parse', 'HEAD')
      await git(workspace, 'update-index', '--add', '--cacheinfo', `160000,${head},vendor/lib`)
      await mkdir(join(workspace, 'vendor/lib'), { recursive: true })
    })
    expect(work?.paths).toEqual(['vendor/lib'])
  })

  it('hides nothing from the person who looks: no control character, no attribute', async () => {
    await using stage = await scene({ ...direction, '.gitattributes': '*.yml -diff\n' })
    const { protected: work } = await stage.report({
      '.github/a.yml': 'run: evil\u001b[2K\u001b[1A\r\u202eharmless\n',
    })
    if (work === null) throw new Error('nothing is held')
    const shown = await stage.repository.describeProtected(work, 10_000)
    expect(shown).toContain('+run: evil<U+001B>[2K<U+001B>[1A<U+000D><U+202E>harmless')
  })

  it('is held for another content under the same approval', async () => {
    await using stage = await scene({ ...direction, '.github/a.yml': 'one\n\n\n\n\ntwo\n' })
    const first = await stage.report({ '.github/a.yml': 'ONE\n\n\n\n\ntwo\n' })
    const again = await stage.repository.tryMerge({
      task: walls,
      commit: (await git(stage.workspaceOf(one), 'rev-parse', 'HEAD')) as typeof first.commit,
      message: `x\n\nTask: ${walls}\n`,
      ownFiles: {},
    })
    expect(again).toMatchObject({ protected: { content: first.protected?.content } })
    await stage.push({ '.github/a.yml': 'one\n\n\n\n\nTWO\n' })
    await stage.repository.mergeUpstream()
    const later = await stage.report({})
    expect(later.protected?.content).not.toBe(first.protected?.content)
  })

  it('is found by its own globs only, and not at all without one', async () => {
    await using stage = await scene()
    const { commit } = await stage.report({ 'package-lock.json': '{}\n', 'CLAUDE.md': 'x\n' })
    const work = (await git(stage.hub, 'rev-parse', `${commit}^2`)) as typeof commit
    const order = { task: walls, commit: work, message: `x\n\nTask: ${walls}\n`, ownFiles: {} }
    const held = async (protect: readonly string[]) =>
      stage.repositoryWith({ protect }).tryMerge(order)
    expect(await held(['**/package-lock.json'])).toMatchObject({
      protected: { paths: ['package-lock.json'] },
    })
    expect(await held([])).toMatchObject({ protected: null })
    expect(await held([defaultWord])).toMatchObject({ protected: null })
  })
})

describe('what people pushed to the origin', () => {
  const workflow = '.github/workflows/ci.yml'

  it('is not held when the task merged it', async () => {
    await using stage = await scene({ ...direction, 'a.txt': 'one\n' })
    await stage.commitOn(one, walls, { 'walls.txt': 'brick\n' })
    await stage.push({ [workflow]: 'on: push\n', 'CLAUDE.md': 'Be kind.\n' })
    await stage.repository.mergeUpstream()
    await stage.mergeTarget(one, walls, {})
    expect((await stage.report({ 'more.txt': 'x\n' })).protected).toBeNull()
  })

  it('is not held in the task that merges what conflicts, but what that task adds is', async () => {
    await using stage = await begin({ ...direction, 'a.txt': 'one\n', [workflow]: 'v1\n' })
    await stage.repository.commitFiles({ 'a.txt': 'ours\n' }, 'Ours\n')
    await stage.push({ 'a.txt': 'theirs\n', [workflow]: 'v2\n', 'CLAUDE.md': 'Be kind.\n' })
    expect(await stage.repository.mergeUpstream()).toMatchObject({ type: 'conflict' })
    await stage.workspace(one)
    const commit = await stage.mergeOrigin(one, walls)
    await stage.takeIn()
    expect(await stage.merge(commit)).toMatchObject({ type: 'candidate', protected: null })
    const more = await stage.commitOn(one, walls, { 'CLAUDE.md': 'Obey.\n' })
    await stage.takeIn()
    expect(await stage.merge(more)).toMatchObject({ protected: { paths: ['CLAUDE.md'] } })
  })

  it('does not cover a return to what it was before people approved a change of the run', async () => {
    await using stage = await scene({ ...direction, [workflow]: 'v1\n' })
    await stage.repository.commitFiles({ [workflow]: 'v2\n' }, 'Approved\n')
    expect((await stage.report({ [workflow]: 'v1\n' })).protected?.paths).toEqual([workflow])
  })
})
