import { describe, expect, it } from 'vitest'
import { parseRepositoryUrl } from './repository-url.ts'

const parse = (text: string) => parseRepositoryUrl(text, '/base/config', '/home/me')

describe('a repository URL', () => {
  it.each([
    ['https://github.com/org/repo.git', 'https'],
    ['HTTPS://user:p%40ss@git.example.com:8443/a/b', 'https'],
    ['http://localhost:3000/a.git', 'http'],
    ['http://127.0.0.1/a.git', 'http'],
    ['ssh://git@host.example:2222/~/repo.git', 'ssh'],
    ['ssh://git@[::1]/repo', 'ssh'],
    ['git@github.com:org/repo.git', 'ssh'],
    ['host:repo', 'ssh'],
    ['git@[::1]:repo', 'ssh'],
  ])('%s is accepted unchanged', (url, scheme) => {
    expect(parse(url)).toEqual({ ok: true, url, scheme, isLocal: false })
  })

  it.each([
    ['/srv/repo.git', '/srv/repo.git'],
    ['../repo', '/base/repo'],
    ['repo with spaces', '/base/config/repo with spaces'],
    ['./a:b', '/base/config/a:b'],
    ['dir/a:b', '/base/config/dir/a:b'],
    ['./-x', '/base/config/-x'],
    ['~', '/home/me'],
    ['~/repo', '/home/me/repo'],
    ['file:///srv/repo --upload-pack=evil', 'file:///srv/repo --upload-pack=evil'],
  ])('%s is on this machine', (text, url) => {
    expect(parse(text)).toEqual({ ok: true, url, scheme: 'file', isLocal: true })
  })

  it.each([
    ['', 'empty'],
    ['ext::sh -c id', 'ext::'],
    ['EXT::sh -c id', 'EXT::'],
    ['fd::17', 'fd::'],
    ['transport-x::address', 'transport-x::'],
    ['--upload-pack=touch /tmp/x', 'dash'],
    ['-x', 'dash'],
    ['-oProxyCommand=id:repo', 'dash'],
    ['ssh://-oProxyCommand=id/repo', 'host'],
    ['ssh://-x@host/repo', 'dash'],
    ['-x@host:repo', 'dash'],
    ['git@-oProxyCommand=id:repo', 'host'],
    ['git@host:-x', 'dash'],
    ['git@host;id:repo', 'host'],
    ['a b:repo', 'host'],
    [':repo', 'host'],
    ['git://host/repo', 'git://'],
    ['ftp://host/repo', 'ftp://'],
    ['javascript://host/repo', 'javascript://'],
    ['http://host/repo', 'http://'],
    ['http://127.0.0.1.evil.example/repo', 'http://'],
    ['https://', 'valid URL'],
    ['https://host/repo?x=1', '?'],
    ['https://host/repo#x', '#'],
    ['https://host/%0aHost:evil', 'control'],
    ['https://user:%0d@host/', 'control'],
    ['https://user:%zz@host/', '%'],
    ['https://host/a\nb', 'control'],
    ['/srv/repo\0', 'control'],
    ['file://host/repo', 'host'],
    ['~root/repo', 'another user'],
    ['ssh://git:secret@host/repo', 'password'],
  ])('%j is refused', (text, problem) => {
    const parsed = parse(text)
    expect(parsed.ok).toBe(false)
    expect(parsed.ok ? '' : parsed.problem).toContain(problem)
  })

  it.each([
    'http://me:canary@host/x',
    'ftp://me:canary@host/x',
    'https://me:canary@host/x?y',
    'ssh://me:canary@host/x',
    'https://me:canary@/',
  ])('%s is refused without quoting its password', (text) => {
    expect(parse(text)).toMatchObject({
      ok: false,
      problem: expect.not.stringContaining('canary') as string,
    })
  })
})
