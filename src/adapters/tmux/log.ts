import { join } from 'node:path'

const script = join(import.meta.dirname, 'readable-log.pl')
const capBytes = 4 << 20

/**
 * The shell command to which tmux pipes what a terminal shows. Perl, because it is there wherever git is and costs an
 * instance 5 MB; it outlives the server, as the terminal does.
 */
export function logCommand(directory: string, name: string): string {
  const argv = ['exec', 'perl', script, join(directory, `${name}.log`), String(capBytes)]
  return argv.map(shellWord).join(' ').replaceAll('#', '##').replaceAll('%', '%%')
}

const shellWord = (word: string): string => (/^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
