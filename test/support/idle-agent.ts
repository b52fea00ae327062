import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A process with Claude Code's status output that otherwise only waits. */
export async function writeIdleAgent(directory: string): Promise<string> {
  const path = join(directory, 'idle-agent')
  await writeFile(path, idleAgent)
  await chmod(path, 0o755)
  return path
}

const idleAgent = `#!/bin/sh
[ "$1" != --version ] || { echo '2.1.328 (Claude Code)'; exit; }
session=$CLAUDE_CONFIG_DIR/sessions/$$.json
trap 'rm -f "$session"; exit 0' TERM HUP
printf '{"startedAt":%s000,"kind":"interactive","status":"idle"}' "$(date +%s)" >"$session.draft"
mv "$session.draft" "$session"
while :; do sleep 60 & wait $!; done
`
