import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { git } from './tools-hub.ts'
import { toolPath } from './tools-run.ts'
import { openWorkspace, workspaceKinds } from './tools-workspace-stage.ts'

/** A repository with a commit and a change, and one without a commit, within the workspace. */
async function open(kind: (typeof workspaceKinds)[number]) {
  const stage = await openWorkspace({ kind })
  await stage.succeed('begin', 't')
  const inner = join(stage.workspace, 'lib/in ner')
  const fresh = join(stage.workspace, 'fresh')
  for (const directory of [inner, fresh]) {
    mkdirSync(directory, { recursive: true })
    git(directory, 'init', '--quiet')
  }
  writeFileSync(join(inner, 'f.txt'), 'committed\n')
  git(inner, 'add', '--all')
  git(inner, 'commit', '--quiet', '-m', 'inner')
  writeFileSync(join(inner, 'f.txt'), 'changed\n')
  writeFileSync(join(fresh, 'g.txt'), 'new\n')
  stage.write('a.txt', 'half\n')
  return { ...stage, inner, fresh }
}

/** Fetches what is saved, as the server does. */
function save({ hub, workspace }: { readonly hub: string; readonly workspace: string }): void {
  const address = `ext::${toolPath('salvage')} ${workspace} t`
  const ref = '+refs/worktree/salvage:refs/saved'
  git(hub, '-c', 'protocol.ext.allow=always', 'fetch', '--quiet', address, ref)
}

const saved = { 'a.txt': 'half', 'lib/in ner/f.txt': 'changed', 'fresh/g.txt': 'new' }

describe.each(workspaceKinds)('repositories within a %s', (kind) => {
  it('are saved with their files when the instance is gone, and nothing there changes', async () => {
    using stage = await open(kind)
    const before = stage.here('status', '--porcelain')
    save(stage)
    for (const [path, text] of Object.entries(saved))
      expect(git(stage.hub, 'show', `refs/saved:${path}`)).toBe(text)
    expect(stage.here('status', '--porcelain')).toBe(before)
  })

  it('are saved with their files when a commit holds a link to them', async () => {
    using stage = await open(kind)
    stage.here('add', 'lib')
    stage.here('commit', '--quiet', '-m', 'a link')
    save(stage)
    for (const [path, text] of Object.entries(saved))
      expect(git(stage.hub, 'show', `refs/saved:${path}`)).toBe(text)
  })

  it('are saved when the next task begins, and moved out of its way', async () => {
    using stage = await open(kind)
    const said = await stage.succeed('begin', 't2')
    for (const [path, text] of Object.entries(saved))
      expect(stage.here('show', `backup/task/t-1:${path}`)).toBe(text)
    expect(stage.here('status', '--porcelain')).toBe('')
    const place = /moved the repository lib\/in ner to (.*)/.exec(said)?.[1] ?? ''
    expect(git(place, 'log', '--format=%s')).toBe('inner')
    expect(await stage.succeed('begin', 't3')).not.toContain('saved')
  })

  it('are named by a report, also when they were committed', async () => {
    using stage = await open(kind)
    const { code, stdout } = await stage.tool('ready', 't')
    expect(code).toBe(3)
    expect(stdout).toContain('repositories of their own')
    expect(stdout).toContain('fresh, lib/in ner')
    stage.here('add', 'lib', 'a.txt')
    stage.here('commit', '--quiet', '-m', 'a link')
    const { code: again, stdout: links } = await stage.tool('ready', 't')
    expect(again).toBe(3)
    expect(links).toContain('lib/in ner is a repository of its own, of which your commits hold no')
  })

  it('are left alone when the project ignores them', async () => {
    using stage = await openWorkspace({ kind, files: { 'a.txt': 'one\n', '.gitignore': 'lib/\n' } })
    await stage.succeed('begin', 't')
    const inner = join(stage.workspace, 'lib/x')
    mkdirSync(inner, { recursive: true })
    git(inner, 'init', '--quiet')
    stage.commit('b.txt', 'two\n')
    expect(await stage.succeed('ready', 't')).toBe('')
    await stage.succeed('begin', 't2')
    expect(existsSync(inner)).toBe(true)
  })
})

describe.each(workspaceKinds)('repositories within a %s, of any name and depth', (kind) => {
  const names = ['-x', 'say "hi"', 'back\\slash', 'tab\there', 'two\nlines', ' *', ':(top)x', 'é']

  async function openNames() {
    const stage = await openWorkspace({ kind })
    await stage.succeed('begin', 't')
    for (const name of [...names, 'outer', 'outer/inner']) {
      const directory = join(stage.workspace, name)
      mkdirSync(directory)
      git(directory, 'init', '--quiet')
      writeFileSync(join(directory, 'yarn.lock'), `of ${name}\n`)
    }
    mkdirSync(join(stage.workspace, 'empty'))
    git(join(stage.workspace, 'empty'), 'init', '--quiet')
    stage.write('a.txt', 'half\n')
    return stage
  }

  it('are saved when the instance is gone', async () => {
    using stage = await openNames()
    save(stage)
    for (const name of [...names, 'outer', 'outer/inner'])
      expect(git(stage.hub, 'show', `refs/saved:${name}/yarn.lock`)).toBe(`of ${name}`)
    expect(git(stage.hub, 'show', 'refs/saved:a.txt')).toBe('half')
  })

  it('are moved to where the message says, and stay there whole', async () => {
    using stage = await openNames()
    const said = await stage.succeed('begin', 't2')
    expect(stage.here('status', '--porcelain')).toBe('')
    const place = /moved the repository outer to (.*)\/outer$/m.exec(said)?.[1] ?? ''
    await stage.succeed('make')
    for (const name of [...names, 'outer', 'outer/inner']) {
      expect(stage.here('show', `backup/task/t-1:${name}/yarn.lock`)).toBe(`of ${name}`)
      expect(existsSync(join(place, name, '.git'))).toBe(true)
      expect(existsSync(join(place, name, 'yarn.lock'))).toBe(true)
    }
  })
})

describe('a submodule of a private clone', () => {
  it('may move to a commit that its origin has, and to no other', async () => {
    using stage = await openWorkspace({ kind: 'private clone' })
    const library = join(stage.root, 'library')
    mkdirSync(library)
    git(library, 'init', '--quiet', '-b', 'main')
    git(library, 'commit', '--quiet', '--allow-empty', '-m', 'one')
    await stage.succeed('begin', 't')
    const add = ['submodule', 'add', '--quiet', library, 'sub']
    stage.here('-c', 'protocol.file.allow=always', ...add)
    stage.here('commit', '--quiet', '-m', 'submodule')
    expect(await stage.succeed('ready', 't')).toBe('')
    const sub = join(stage.workspace, 'sub')
    git(sub, 'commit', '--quiet', '--allow-empty', '-m', 'mine')
    stage.commit('b.txt', 'two\n')
    const { code, stdout } = await stage.tool('ready', 't')
    expect(code).toBe(3)
    expect(stdout).toMatch(/Commit \w+ of the submodule sub is on no branch of its own origin/)
  })
})
