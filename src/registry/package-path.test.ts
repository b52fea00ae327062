import { describe, expect, it } from 'vitest'
import { readPackagePath } from './package-path.ts'

describe('a path of the registry', () => {
  it.each([
    ['is-odd', 'metadata'],
    ['is-odd/latest', 'metadata'],
    ['is-odd/3.0.1', 'metadata'],
    ['JSONStream', 'metadata'],
    ['@types/node', 'metadata'],
    ['@types%2fnode', 'metadata'],
    ['@types%2Fnode', 'metadata'],
    ['@types/node/24.0.0', 'metadata'],
    ['is-odd/-/is-odd-3.0.1.tgz', 'tarball'],
    ['@types/node/-/node-24.0.0.tgz', 'tarball'],
    ['@scope/name/-/@scope/name-1.0.0.tgz', 'tarball'],
    ['-/npm/v1/keys', 'metadata'],
    ['-/npm/v1/attestations/sigstore@3.0.0', 'metadata'],
    ['-/npm/v1/attestations/@npmcli%2farborist@9.0.0', 'metadata'],
  ])('%s is %s', (path, kind) => expect(readPackagePath(path)).toEqual({ kind, path }))

  it.each([
    ...['', '/', '.', '..', '../other', 'a/../b', 'a/..', 'a/./b', '%2e%2e/other', 'a/%2e%2e/b'],
    ...['..%2fother', 'a%2f..%2fb', '@a%2f..', '@a/../b', 'a\\b', 'a//b', '/a', 'a/', 'a/b/c'],
    ...['-/v1/search', '-/whoami', '-/user/org.couchdb.user:me', '-/npm/v1/tokens', '-/all'],
    ...['a?write=true', 'a#b', 'a%00', 'a b', 'a/-/b.zip', 'a/-/../../b.tgz', 'a/-/b.tgz/c'],
    ...['https://evil.example/a', '@a', '@a%252fb', 'a'.repeat(1_025)],
  ])('%j is none', (path) => expect(readPackagePath(path)).toBeNull())
})
