import type { Attack } from '../stage/attack.ts'
import { savedOf } from '../stage/backups.ts'
import { backAtWork, endLaunch } from '../stage/launches.ts'
import type { Stage } from '../stage/stage.ts'
import { newName } from '../stage/workspace.ts'

export const backupReading: Attack = {
  id: 'backup-reading',
  from: 'a worker',
  tries: 'reads what was saved of the workspace of another worker, by refs, ids and a list of all',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/git/intake/backup.ts',
      find: 'await openQuarantine(backups, hub)',
      replace: 'await openQuarantine(hub)',
    },
  ],
  async run(stage) {
    const { attacker, victim } = stage
    const secret = newName('private')
    await stage.commit(victim, `echo ${secret} >${secret}.txt`)
    const commit = await saveWork(stage)
    const found = await attacker.output(`cd "$ORCHESTRATOR_HUB"
      export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
      git cat-file -e HEAD || exit 1
      git for-each-ref refs/backup
      git show ${commit}:${secret}.txt
      git cat-file --batch-all-objects --batch | grep -ao ${secret}
      find / -xdev -name 'backups.git*' 2>/dev/null || true`)
    return found.split('\n').filter((line) => !line.startsWith('fatal: ') && line !== '')
  },
}

/** Ends the victim's launch, and returns the commit in which its workspace is saved. */
async function saveWork(stage: Stage): Promise<string> {
  const { victim } = stage
  const known = new Set((await savedOf(stage, victim)).map(({ id }) => id))
  const reason = await backAtWork(stage, victim, await endLaunch(stage, victim))
  if (reason !== null) throw new Error(`the other worker does not come back: ${reason}`)
  const commit = (await savedOf(stage, victim)).find(({ id }) => !known.has(id))?.commit ?? null
  if (commit === null) throw new Error('its work was not saved')
  return commit
}
