import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * What a hostile worker does in its own home: exchanges two names without end, each time in one
 * step of the file system, and touches a file so that the server's watcher looks. It ends with its
 * standard input, so it cannot outlive the test.
 */
const script = `
  use strict; use POSIX (); use IO::Select; use Config;
  my ($here, $link, $touched) = @ARGV;
  my $renameat2 = $Config{archname} =~ /aarch64|arm64/ ? 276 : 316;
  my $input = IO::Select->new(\\*STDIN);
  $| = 1;
  for (my $round = 0; ; $round++) {
    if ($round % 64 == 0) {
      print "." if $round == 0;
      utime(undef, undef, $touched);
      last if $input->can_read(0);
    }
    syscall($renameat2, -100, $here, -100, $link, 2) == 0 or die "exchange: $!";
  }
`

/** Exchanges the directory `here` with the link `link` until it is disposed. */
export async function swapForEver(
  here: string,
  link: string,
  touched: string,
): Promise<AsyncDisposable> {
  const child = spawn('perl', ['-e', script, here, link, touched], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => {
      throw new Error('the process that exchanges the names ended at once')
    }),
  ])
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      const [code] = (await ended) as [number | null]
      if (code !== 0) throw new Error(`the process that exchanges the names ended with ${code}`)
    },
  }
}
