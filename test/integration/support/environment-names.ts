import { createReadStream } from 'node:fs'
import { cli } from '../../support/cli.ts'

/**
 * How a name of the environment reads in Claude Code's program: read from an environment, or a
 * string in capitals with an underscore.
 */
const pattern = /\benv\.([A-Za-z_]\w{1,80})|["']([A-Z][A-Z0-9]*_[A-Z0-9_]{1,80})["']/g

/** Longer than any match, so that none is cut in two by the end of a chunk. */
const OVERLAP = 200

/** Names that every program obeys, or that a shell or a loader reads. */
const ofEveryProgram = [
  'ALL_PROXY',
  'all_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'HTTPS_PROXY',
  'https_proxy',
  'NO_PROXY',
  'no_proxy',
  'BASH_ENV',
  'ENV',
  'SHELL',
  'EDITOR',
  'HOME',
  'IFS',
  'LD_LIBRARY_PATH',
  'LD_PRELOAD',
  'NODE_OPTIONS',
  'PATH',
  'PS4',
  'TMPDIR',
  'XDG_CONFIG_HOME',
  'GIT_CONFIG_GLOBAL',
  'GIT_EXEC_PATH',
  'GIT_SSH_COMMAND',
]

/**
 * Every name of the environment that the pinned Claude Code may read, from its own program. So a
 * new version brings its own list.
 */
export async function environmentNames(): Promise<readonly string[]> {
  const names = new Set(ofEveryProgram)
  let rest = ''
  for await (const chunk of createReadStream(cli, {
    encoding: 'latin1',
    highWaterMark: 4 * 1024 * 1024,
  })) {
    const text = rest + String(chunk)
    for (const [, read, quoted] of text.matchAll(pattern)) names.add(read ?? quoted ?? '')
    rest = text.slice(-OVERLAP)
  }
  return [...names].toSorted()
}
