import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

/** What files use of the disk; null, with the reason, when that could not be found out. */
export type Measured =
  | { readonly bytes: number }
  | { readonly bytes: null; readonly reason: string }

/**
 * A child counts, in 1 GiB of memory: names stay in it, since a directory may have millions. It
 * follows no links and stays on the file system.
 *
 * Blocks count, so that holes of sparse files do not. A file with several names counts by its share
 * at each, which needs no list of those seen. Whatever has a name counts for 4,096 bytes at least:
 * an empty file uses an inode.
 */
const script = `
ulimit -v 1048576
{ LC_ALL=C find -P "$@" -xdev -ignore_readdir_race -printf '%b %n %y\\n' 2>/dev/null; echo "end $?"; } |
awk '$1 == "end" { status = $2; next }
  { size = $1 * 512; if (size < 4096) size = 4096; total += $3 == "d" ? size : size / $2 }
  END { printf "%s %.0f\\n", status, total }'
`

/** Below these directories, which nothing changes meanwhile. Never rejects. */
export async function measureDisk(
  directories: readonly string[],
  deadlineMs: number,
): Promise<Measured> {
  const child = spawn('sh', ['-c', script, 'measure', ...directories], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    // The whole group: the shell alone would leave the others counting.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, deadlineMs)
  try {
    const answer = await Promise.race([
      text(child.stdout),
      new Promise<never>((_, reject) => child.once('error', reject)),
    ])
    if (isLate) return { bytes: null, reason: `counting took more than ${deadlineMs / 1000} s` }
    const [status, total] = answer.trim().split(' ')
    return status === '0' && total !== undefined
      ? { bytes: Number(total) }
      : {
          bytes: null,
          reason: 'some of its directories cannot be read, or counting needs too much',
        }
  } catch {
    return { bytes: null, reason: 'counting could not be started' }
  } finally {
    clearTimeout(timer)
  }
}
