import type { Attack } from '../stage/attack.ts'
import { backAtWork, endLaunch } from '../stage/launches.ts'
import { newName } from '../stage/workspace.ts'

/** What shells, git, npm and Claude Code read in a home. */
const leftovers = {
  shell: ['.bashrc', '.bash_profile', '.profile', '.zshrc'],
  git: ['.gitconfig', '.config/git/config'],
  claude: ['.claude/settings.json', '.claude/CLAUDE.md', '.claude/skills/all/SKILL.md'],
} as const

export const homeLeftovers: Attack = {
  id: 'home-leftovers',
  from: 'a worker',
  tries: 'leaves settings of shells, git and Claude Code in its home, for later launches to run',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/docker/directories.ts',
      find: 'await freshHome(path(order.instance), owner, kept, onProblem)',
      replace: 'await Promise.resolve()',
    },
  ],
  async run(stage) {
    const { attacker } = stage
    const mark = `/workspace/.git/${newName('ran')}`
    const hook = { hooks: [{ type: 'command', command: `touch ${mark}-claude` }] }
    const settings = { hooks: { SessionStart: [hook], UserPromptSubmit: [hook], Stop: [hook] } }
    const write = (paths: readonly string[], text: string): Promise<string> =>
      attacker.output(
        `cd; text=$(cat); for path in ${paths.join(' ')}; do ` +
          'mkdir -p "$(dirname $path)"; printf "%s\\n" "$text" >$path; done',
        text,
      )
    await write(leftovers.shell, `touch ${mark}-shell`)
    await write(leftovers.git, `[alias]\n  then = "!touch ${mark}-git"`)
    await write(leftovers.claude, JSON.stringify(settings))
    const launch = await endLaunch(stage, attacker)
    const reason = await backAtWork(stage, attacker, launch)
    if (reason !== null) throw new Error(`there is no later launch: ${reason}`)

    // What the next launch does in the ordinary course of its work.
    const { text } = await attacker.sh(`cd
      { bash -lc true; bash -ic true; git then; } >/dev/null 2>&1 </dev/null
      ls ${mark}-* 2>/dev/null
      ls -d ${Object.values(leftovers).flat().join(' ')} 2>/dev/null
      rm -f ${mark}-*`)
    return text.split('\n').flatMap((line) => (line === '' ? [] : [`${line} in a later launch`]))
  },
}
