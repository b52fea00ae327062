import { call, type Step } from './step.ts'

/**
 * The commands by which a brief or a refusal says how to bring one's own work onto a history that a
 * person has rewritten; null in any other text.
 */
export function ownWorkCommands(text: string): readonly string[] | null {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => /^git fetch "\$ORCHESTRATOR_HUB" refs\/\S+$/.test(line))
  const rest = lines.slice(first + 1)
  const isCommand = (line: string): boolean => /^git (?:rebase|checkout|cherry-pick) /.test(line)
  const after = rest.findIndex((line) => !isCommand(line))
  const commands = rest.slice(0, after < 0 ? rest.length : after)
  return first < 0 || commands.length === 0 ? null : [lines[first] ?? '', ...commands]
}

/** Carries them out as they are, with everything committed first. */
export const bringOwnWork = (commands: readonly string[]): Step =>
  call('Bash', {
    command: [
      'git add --all && { git diff --cached --quiet || git commit --quiet --message "Save"; }',
      ...commands,
    ].join(' && '),
    description: 'Bring the own work onto the new history',
  })
