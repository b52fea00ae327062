import { join } from 'node:path'
import { shellQuote } from '../../lib/shell.ts'

const script = join(import.meta.dirname, 'readable-log.pl')
const capBytes = 4 << 20

/**
 * The shell command to which tmux pipes a terminal's output. Perl is installed wherever git is and
 * costs 5 MB per instance. The log outlives the server, as the terminal does.
 */
export function logCommand(directory: string, name: string): string {
  const words = ['perl', script, join(directory, `${name}.log`), String(capBytes)]
  // tmux expands `#{…}` and strftime's `%` sequences.
  return `exec ${words.map(shellQuote).join(' ')}`.replaceAll('#', '##').replaceAll('%', '%%')
}
