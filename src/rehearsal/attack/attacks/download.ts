import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Attack } from '../stage/attack.ts'

const execute = promisify(execFile)

export const download: Attack = {
  id: 'download',
  from: 'a download',
  tries: 'comes as the package of Claude Code with one byte changed',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'docker/verified-package.sh',
      find: '[ "$found" = "$integrity" ] || {',
      replace: '[ "$found" ] || {',
    },
  ],
  async run({ project }) {
    const directory = await mkdtemp(join(tmpdir(), 'download-'))
    // npm keeps compiled code in the temporary directory.
    const options = { env: { ...process.env, TMPDIR: directory } }
    const make = async (binary: string): Promise<string> => {
      const target = join(directory, binary)
      const script = `mkdir "$1" && cd "$1" && printf %s "$2" >claude &&
        echo '{"name":"claude-code","version":"1.0.0","bin":"claude"}' >package.json &&
        npm pack --ignore-scripts --silent >/dev/null`
      await execute('sh', ['-c', script, 'sh', target, binary], options)
      return join(target, 'claude-code-1.0.0.tgz')
    }
    /** Installs the package; returns its program, or null when it was refused. */
    const install = async (tarball: string, integrity: string): Promise<string | null> => {
      const target = join(directory, 'installed')
      const words = [join(project, 'docker/verified-package.sh'), `file:${tarball}`]
      const refusal = await execute('sh', [...words, integrity, target], options).then(
        () => '',
        (error: unknown) => String((error as { readonly stderr?: unknown }).stderr),
      )
      if (refusal !== '' && !refusal.includes('checksum')) throw new Error(refusal)
      const installed = await readFile(join(target, 'claude'), 'utf8').catch(() => null)
      await rm(target, { recursive: true, force: true })
      return installed
    }
    try {
      const genuine = await make('genuine')
      const digest = createHash('sha512')
        .update(await readFile(genuine))
        .digest('base64')
      const integrity = `sha512-${digest}`
      if ((await install(genuine, integrity)) !== 'genuine')
        throw new Error('the genuine package is refused')
      const installed = await install(await make('genuinf'), integrity)
      return installed === null ? [] : [`its own program installed: ${installed}`]
    } finally {
      await rm(directory, { recursive: true })
    }
  },
}
