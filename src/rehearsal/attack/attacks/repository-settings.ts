import type { Attack } from '../stage/attack.ts'
import { repositoryMark, repositoryVariable } from '../stage/project.ts'

export const repositorySettings: Attack = {
  id: 'repository-settings',
  from: 'a repository',
  tries: 'sets variables, hooks and a status line in .claude/settings.json',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/claude/launch/setting-sources.ts',
      find: "'--setting-sources', sources.join(','), ",
      replace: '',
    },
  ],
  async run({ manager, attacker, victim }) {
    const won = await Promise.all(
      [manager, attacker, victim].map(async (inside) => {
        const { text } = await inside.sh(`
          [ ! -e "$HOME/${repositoryMark}" ] || echo 'a command that ran'
          grep -lsz '^${repositoryVariable}=' /proc/[0-9]*/environ | sed 's/.*/a variable in &/'`)
        return text === '' ? [] : text.split('\n').map((line) => `${line} in ${inside.instance}`)
      }),
    )
    return won.flat()
  },
}
