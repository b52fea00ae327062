import { targetBranch } from '../../runner/setup.ts'
import type { Attack } from '../stage/attack.ts'

export const branch: Attack = {
  id: 'branch',
  from: 'a worker',
  tries: 'moves the target branch of the hub, by a push and by writing the ref',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/docker/template.ts',
      find: 'bind(hub, inside.hub, true)',
      replace: 'bind(hub, inside.hub, false)',
    },
    {
      file: 'src/adapters/git/hub.ts',
      find: "['init', '--bare', '--template=']",
      replace: "['init', '--bare', '--template=', '--shared=0666']",
    },
  ],
  async run(stage) {
    const before = await stage.hub('rev-parse', targetBranch)
    const { text } = await stage.attacker.sh(`
      cd "$ORCHESTRATOR_WORKSPACE"
      git commit --quiet --allow-empty --message 'Moved by a worker'
      git -c safe.directory='*' push "$ORCHESTRATOR_HUB" HEAD:${targetBranch}
      git rev-parse HEAD >"$ORCHESTRATOR_HUB/refs/heads/${targetBranch}"`)
    const after = await stage.hub('rev-parse', targetBranch)
    return before === after ? [] : [`the branch at ${after} instead of ${before}: ${text}`]
  },
}
