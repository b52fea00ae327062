/**
 * For `sh -ec`, with the hub, a directory that does not exist yet, the commit, a marker and the
 * commands as arguments: runs the commands on the commit, each in a shell of its own, until one
 * fails. Before each it prints the marker and the command's place.
 */
const checkScript = `
git clone --quiet --shared --no-checkout -- "$1" "$2"
cd "$2"
git checkout --quiet --detach "$3"
marker=$4
shift 4
place=0
for command do
  printf '%s%s\\n' "$marker" "$place"
  sh -ec "$command"
  place=$((place + 1))
done
`

interface CheckOrder {
  readonly hub: string
  /** A new directory, into which the commit is checked out. */
  readonly tree: string
  readonly commit: string
  readonly marker: string
  readonly commands: readonly string[]
}

export const checkCommand = ({
  hub,
  tree,
  commit,
  marker,
  commands,
}: CheckOrder): readonly string[] => [
  'sh',
  '-ec',
  checkScript,
  'check',
  hub,
  tree,
  commit,
  marker,
  ...commands,
]

/** Ends the output of a check that was killed because it took too long. */
export const lateCheckNote = (timeoutMs: number): string =>
  `\nended after ${timeoutMs / 1000} s: it took too long\n`
