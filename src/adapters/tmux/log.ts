import { join } from 'node:path'
import { shellQuote } from '../../lib/shell.ts'

const script = join(import.meta.dirname, 'readable-log.pl')
const capBytes = 4 << 20

/**
 * The shell command to which tmux pipes what a terminal shows. Perl is there wherever git is and costs an instance 5 MB;
 * the log outlives the server, as the terminal does.
 */
export function logCommand(directory: string, name: string): string {
  const words = ['perl', script, join(directory, `${name}.log`), String(capBytes)]
  // tmux expands `#{…}` and what strftime knows.
  return `exec ${words.map(shellQuote).join(' ')}`.replaceAll('#', '##').replaceAll('%', '%%')
}
