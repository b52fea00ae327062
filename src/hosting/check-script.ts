/**
 * For `sh -ec`, with the hub, a directory that does not exist yet, the commit and the commands as
 * arguments: runs the commands on the commit, each in a shell of its own, until one fails.
 */
const checkScript = `
git clone --quiet --shared --no-checkout -- "$1" "$2"
cd "$2"
git checkout --quiet --detach "$3"
shift 3
for command do
  printf '$ %s\\n' "$command"
  sh -ec "$command"
done
`

/** Checks out the commit of the hub into `tree`, a new directory, and runs the commands in it. */
export const checkCommand = (
  hub: string,
  tree: string,
  commit: string,
  commands: readonly string[],
): readonly string[] => ['sh', '-ec', checkScript, 'check', hub, tree, commit, ...commands]

/** Bytes of the end of what the commands print that are kept. */
export const LARGEST_CHECK_OUTPUT = 16 * 1024

/** Ends the output of a check that was killed because it took too long. */
export const lateCheckNote = (timeoutMs: number): string =>
  `\nended after ${timeoutMs / 1000} s: it took too long\n`
