/**
 * For `sh -ec`, with the hub, a directory that is not there yet, the commit and the commands as arguments: runs the commands on the commit,
 * each in a shell of its own, until one fails.
 */
export const checkScript = `
git clone --quiet --shared --no-checkout -- "$1" "$2"
cd "$2"
git checkout --quiet --detach "$3"
shift 3
for command do
  printf '$ %s\\n' "$command"
  sh -ec "$command"
done
`

/** Bytes of the end of what the commands print that are kept. */
export const LARGEST_CHECK_OUTPUT = 16 * 1024
