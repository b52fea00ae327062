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

/**
 * Keeps what the new history has, and adds what the own commit added: what it found there before
 * may be what a person removed.
 */
const resolve = String.raw`/^<<<<<<< / { next } /^\|\|\|\|\|\|\| / { base = 1; next } /^=======$/ { base = 0; own = 1; next } /^>>>>>>> / { own = 0; delete former; next } base { former[$0]; next } own && ($0 in former) { next } { print }`

/** More conflicts than any branch of the sample has commits. */
const mostConflicts = 50

const isRebasing = '[ -d "$(git rev-parse --git-path rebase-merge)" ]'
const isPicking = '[ -f "$(git rev-parse --git-path CHERRY_PICK_HEAD)" ]'

/** Resolves the conflicts of a rebase or cherry-pick that has stopped, one after the other. */
const conclude = [
  `for conflict in $(seq ${mostConflicts}); do`,
  `${isRebasing} || ${isPicking} || break;`,
  'for file in $(git diff --name-only --diff-filter=U); do',
  `text=$(awk '${resolve}' "$file"); printf '%s\\n' "$text" > "$file"; done; git add --all;`,
  `if ${isRebasing}; then GIT_EDITOR=true git -c merge.conflictStyle=diff3 rebase --continue;`,
  'else git commit --quiet --no-edit --allow-empty; fi; done;',
  `! ${isRebasing} && ! ${isPicking}`,
].join(' ')

export const concludeRebase = call('Bash', {
  command: conclude,
  description: 'Resolve the conflicts of the rebase',
})

/** Carries them out as they are, with everything committed first. */
export const bringOwnWork = (commands: readonly string[]): Step =>
  call('Bash', {
    command: [
      'git add --all && { git diff --cached --quiet || git commit --quiet --message "Save"; }',
      ...commands.map((line) =>
        /^git (?:rebase|cherry-pick) /.test(line)
          ? `{ git -c merge.conflictStyle=diff3 ${line.slice('git '.length)} || { ${conclude}; }; }`
          : line,
      ),
    ].join(' && '),
    description: 'Bring the own work onto the new history',
  })
