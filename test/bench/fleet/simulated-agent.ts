import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import packageFile from '../../../package.json' with { type: 'json' }
import { project } from '../../../src/rehearsal/runner/server.ts'

/**
 * A copy of the project below `root` whose Claude Code is a small script: the real server, its real
 * terminals, scripts and HTTP, without the memory of fifty real agents.
 */
export async function copyWithSimulatedAgent(root: string, plan: unknown): Promise<string> {
  const code = join(root, 'code')
  for (const name of ['src', 'docker', 'package.json', 'server.js'])
    await cp(join(project, name), join(code, name), { recursive: true })
  await symlink(join(project, 'node_modules'), join(code, 'node_modules'))
  const call = { name: 'submit_plan', arguments: plan }
  const planFile = join(root, 'plan.json')
  await writeFile(planFile, `${message({ id: 3, method: 'tools/call', params: call })}\n`)
  const { version } = packageFile.claudeCode
  const agent = join(code, '.cache/claude-code', version, 'claude')
  await mkdir(dirname(agent), { recursive: true })
  await writeFile(agent, agentScript({ version, planFile, tools: join(code, 'docker/tools') }))
  await chmod(agent, 0o755)
  // The first start of a copy compiles everything, which takes memory that later starts do not.
  await promisify(execFile)(process.execPath, [join(code, 'server.js'), '--help'])
  return code
}

const message = (text: object): string => JSON.stringify({ jsonrpc: '2.0', ...text })

const initialize = message({
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'simulated', version: '1' },
  },
})

interface Parts {
  readonly version: string
  readonly planFile: string
  readonly tools: string
}

/**
 * Says hello as Claude Code does, and takes up what is typed. The Manager submits the plan; workers
 * take up their tasks and never end them. It writes its status where Claude Code does.
 */
const agentScript = ({ version, planFile, tools }: Parts): string => `#!/bin/sh
[ "$1" != --version ] || { echo '${version} (Claude Code)'; exit; }
session=$CLAUDE_CONFIG_DIR/sessions/$$.json
trap 'rm -f "$session"; exit 0' TERM HUP
hook() { printf '{"hook_event_name":"%s",%s}' "$1" "$2" | '${tools}/hook' "$1" >/dev/null; }
status() {
  printf '{"startedAt":%s000,"kind":"interactive","status":"%s"}' "$began" "$1" >"$session.draft"
  mv "$session.draft" "$session"
}
began=$(date +%s)
status idle
hook SessionStart '"source":"startup"'
'${tools}/mcp' >/dev/null <<'END'
${initialize}
${message({ method: 'notifications/initialized' })}
${message({ id: 2, method: 'tools/list' })}
${message({ id: 'tools-listed', result: {} })}
END
while IFS= read -r line; do
  case $line in
    /clear) hook SessionStart '"source":"clear"' ;;
    *'[orchestrator '*)
      status busy
      hook UserPromptSubmit "\\"prompt\\":\\"$(printf %s "$line" | sed 's/["\\\\]/\\\\&/g')\\""
      if [ "$INSTANCE_ROLE" = manager ]; then
        '${tools}/mcp' <'${planFile}' >/dev/null
        status idle
        hook Stop '"last_assistant_message":"","background_tasks":[]'
      else
        echo '${message({ id: 4, method: 'tools/call', params: { name: 'brief', arguments: {} } })}' |
          '${tools}/mcp' >/dev/null
      fi
      ;;
  esac
done
`
