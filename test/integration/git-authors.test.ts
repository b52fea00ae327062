import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  ada,
  add,
  authorScene as scene,
  linus,
  other,
  own,
  owner,
  type Person,
  roof,
  two,
} from './git-authors-scene.ts'
import { one } from './git-intake-scene.ts'
import { git } from './git-stage.ts'

describe('a worker that commits under other names', () => {
  it('is refused as Linus Torvalds and The Operator, and mends it with the command', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('evil.txt')}`, linus, owner)
    const reason = await stage.refusal()
    expect(reason).toContain('task/walls contains 1 commits under names that are not yours')
    expect(reason).toContain(
      'by "Linus Torvalds <torvalds@example.com>", committed by "The Operator',
    )
    expect(reason).toContain('Your commits carry worker-1 <worker-1@orchestrator.invalid>')
    expect(reason).toContain('git commit --amend')
    expect(await stage.mend(reason)).toMatchObject({ type: 'taken-in' })
    expect(await stage.authors()).toEqual(['worker-1/worker-1'])
    expect(await git(stage.hub, 'rev-parse', '--verify', 'refs/tasks/walls')).toMatch(/^[0-9a-f]+$/)
  })

  it.each<[string, Person, Person]>([
    ['as its author only', linus, own],
    ['as its committer only', own, owner],
    ['by the name beside its own address', { ...own, name: 'Linus Torvalds' }, own],
    ['by the address beside its own name', { ...own, email: linus.email }, own],
    ['as another worker', other, other],
  ])('is refused for another one %s', async (_, author, committer) => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('evil.txt')}`, author, committer)
    const reason = await stage.refusal()
    expect(await stage.mend(reason)).toMatchObject({ type: 'taken-in' })
  })

  it('does not get its commits into the hub’s branch of the task', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('evil.txt')}`, linus, owner)
    await stage.refusal()
    expect(await git(stage.hub, 'for-each-ref', 'refs/tasks')).toBe('')
    // A refused report of one worker is no excuse for another one.
    const commits = `git fetch -q ${stage.workspaceOf(one)} task/walls; git merge -q FETCH_HEAD`
    await stage.run(`${stage.branch(roof)}; ${add('roof.txt')}; ${commits}`, other, other, two)
    expect(await stage.takeIn(two, roof)).toMatchObject({ type: 'refused' })
  })

  it('mends a branch that merged the target and resolved a conflict, whose files stay', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('b.txt')}; ${add('a.txt', 'mine')}`, linus, own)
    await stage.push({ 'a.txt': 'theirs\n', 'c.txt': 'c\n' })
    await stage.repository.mergeUpstream()
    const resolve = `git merge -q origin/main || true; ${add('a.txt', 'both')}`
    await stage.run(`git fetch -q; ${resolve}; ${add('d.txt')}`)
    const before = await git(stage.workspaceOf(one), 'rev-parse', 'HEAD^{tree}', 'origin/main')
    const reason = await stage.refusal()
    expect(reason).toContain('contains 2 commits')
    expect(await stage.mend(reason)).toMatchObject({ type: 'taken-in', commits: 4 })
    expect(new Set(await stage.authors())).toEqual(new Set(['worker-1/worker-1']))
    expect(await git(stage.workspaceOf(one), 'rev-parse', 'HEAD^{tree}', 'origin/main')).toBe(
      before,
    )
  })

  it('is refused for names that read as its own in another encoding only', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('evil.txt')}`)
    const raw = (await git(stage.workspaceOf(one), 'cat-file', 'commit', 'HEAD'))
      .replaceAll('worker-1 <worker-1@', '+AHcAbwByAGsAZQBy--1 <+AHcAbwByAGsAZQBy--1@')
      .replace('\n\n', '\nencoding UTF-7\n\n')
    await writeFile(join(stage.workspaceOf(one), '.git/raw'), `${raw}\n`)
    await stage.run('git reset -q --soft "$(git hash-object -t commit -w .git/raw)"')
    expect(await stage.refusal()).toContain('AHcAbwByAGsAZQBy')
  })
})

describe('commits of others', () => {
  const pick = 'git cherry-pick origin/main'

  it('pass as merged-in history of the origin, of the target and of another task', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch(roof)}; ${add('roof.txt')}`, other, other, two)
    expect(await stage.takeIn(two, roof)).toMatchObject({ type: 'taken-in' })
    await stage.run(`${stage.branch()}; ${add('walls.txt')}`)
    await stage.byAda(add('c.txt'))
    await stage.run('git fetch -q; git merge -q --no-edit origin/main')
    await stage.run(`git fetch -q ${stage.hub} refs/tasks/roof; git merge -q --no-edit FETCH_HEAD`)
    expect(await stage.takeIn()).toMatchObject({ type: 'taken-in' })
  })

  it('pass as a cherry-pick with its author, also when lines moved', async () => {
    await using stage = await scene()
    await stage.run(
      `${stage.branch()}; ${add('walls.txt')}; printf 'zero\\n0\\n0\\n0\\n0\\n' | cat - a.txt > b; mv b a.txt; git commit -qam Top`,
    )
    await stage.byAda('printf "four\\n" >> a.txt; git commit -qam Four')
    await stage.run(`git fetch -q; ${pick}`)
    expect(await stage.authors()).toContain('Ada Löwe/worker-1')
    expect(await stage.takeIn()).toMatchObject({ type: 'taken-in' })
  })

  it('pass as a rebase of another task’s branch', async () => {
    await using stage = await scene()
    await stage.run(
      `${stage.branch(roof)}; ${add('roof.txt')}; ${add('spire.txt')}`,
      other,
      other,
      two,
    )
    await stage.takeIn(two, roof)
    await stage.byAda(add('c.txt'))
    await stage.run(
      `git fetch -q; git fetch -q ${stage.hub} refs/tasks/roof; git checkout -q -B task/walls FETCH_HEAD; ` +
        `git rebase -q origin/main; ${add('walls.txt')}`,
    )
    expect(await stage.authors()).toEqual([
      'worker-1/worker-1',
      'worker-2/worker-1',
      'worker-2/worker-1',
    ])
    expect(await stage.takeIn()).toMatchObject({ type: 'taken-in', commits: 3 })
  })

  it.each([
    ['another line', `printf 'five\\n' >> a.txt`],
    ['other spaces', `printf 'one\\ntwo\\nthree\\n  four\\n' > a.txt`],
    ['another file', 'printf x > evil.txt'],
    ['another mode', 'chmod 755 a.txt'],
    ['other bytes of a picture', `printf '\\0evil' > p.png`],
  ])('do not cover %s under their name', async (_, change) => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('walls.txt')}`)
    await stage.byAda(
      `printf "four\\n" >> a.txt; printf '\\0good' > p.png; git add -A; git commit -qm Four`,
    )
    await stage.run(`git fetch -q; ${pick}; ${change}; git add -A; git commit -q --amend --no-edit`)
    expect(await stage.authors()).toContain('Ada Löwe/worker-1')
    const reason = await stage.refusal()
    expect(await stage.mend(reason)).toMatchObject({ type: 'taken-in' })
  })

  it('do not cover what reads as the end of their patch behind a carriage return', async () => {
    await using stage = await scene()
    await stage.byAda(add('c.txt'))
    const [original, date] = (await git(stage.human, 'log', '-1', '--format=%H %aI')).split(' ')
    const forged = `printf 'x\\r${original}\\n' > a0.txt; printf 'evil\\n' > evil.txt; git add -A`
    await stage.run(`${stage.branch(roof)}; ${forged}; git commit -qm Forged`, other, other, two)
    expect(await stage.takeIn(two, roof)).toMatchObject({ type: 'taken-in' })
    const fetch = `git fetch -q ${stage.hub} refs/tasks/roof; git cherry-pick FETCH_HEAD`
    await stage.run(`${stage.branch()}; ${fetch}; git rm -q evil.txt; git commit -qm Own`)
    const evil = `printf 'evil\\n' > evil.txt; git add -A; GIT_AUTHOR_DATE='${date}' git commit -qm Ok`
    await stage.run(evil, ada, own)
    expect(await stage.refusal()).toContain('by "Ada Löwe')
  })

  it('do not lend their name to a merge', async () => {
    await using stage = await scene()
    await stage.run(`${stage.branch()}; ${add('walls.txt')}`)
    await stage.byAda(add('c.txt'))
    await stage.run('git fetch -q; git merge -q --no-edit origin/main', ada, own)
    expect(await stage.refusal()).toContain('by "Ada Löwe')
  })

  it('pass as authors that the operator names, and not as committers', async () => {
    await using stage = await scene({ authors: [ada.email] })
    await stage.run(`${stage.branch()}; ${add('walls.txt')}`, ada, own)
    expect(await stage.takeIn()).toMatchObject({ type: 'taken-in' })
    await stage.run(add('more.txt'), own, ada)
    expect(await stage.takeIn()).toMatchObject({ type: 'refused' })
  })
})

describe('the names of thousands of commits', () => {
  it('are read in as many processes as those of one', async () => {
    await using stage = await scene()
    await stage.run(stage.branch())
    const chain = (count: number) =>
      `{ for i in $(seq ${count}); do printf 'commit refs/heads/task/walls\\ncommitter %s <%s> %s +0000\\ndata 2\\nx\\n' ` +
      `"$GIT_AUTHOR_NAME" "$GIT_AUTHOR_EMAIL" "$i"; [ "$i" != 1 ] || echo 'from refs/heads/task/walls^0'; done; } | ` +
      'git fast-import --quiet; git reset -q --hard'
    await stage.run(chain(3_000))
    expect(await stage.takeIn()).toMatchObject({ type: 'taken-in', commits: 3_000 })
    await stage.run(chain(3_000), linus, owner)
    expect(await stage.refusal()).toContain('contains 3000 commits under names that are not yours')
  })
})
