import type { Attack } from '../stage/attack.ts'
import type { Inside } from '../stage/inside.ts'
import { commitAll, newName, reportAccepted } from '../stage/workspace.ts'

/** Linux takes arguments of 2 MiB in all (E2BIG); these names have more. */
const files = 11_000
const padding = 'x'.repeat(220)

export const longConflict: Attack = {
  id: 'long-conflict',
  from: 'a worker',
  tries: `brings another worker into a conflict in ${files.toLocaleString('en')} paths, for ever`,
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/git/objects/paths.ts',
      find: 'return end < 0 ? first : first.slice(0, end)',
      replace: 'return paths',
    },
  ],
  async run(stage) {
    const { attacker, victim } = stage
    const folder = `notes/${newName('long')}`
    const write = (worker: Inside): Promise<void> =>
      stage.commit(
        worker,
        `mkdir ${folder} && for n in $(seq ${files}); do ` +
          `echo "$INSTANCE_ID" >${folder}/$n-${padding}.txt; done && ${commitAll}`,
      )
    await write(attacker)
    await write(victim)
    const first = await reportAccepted(stage, attacker, 'Wrote files.')
    if (first !== 'merged') throw new Error(`the first side is ${first}`)

    const task = await stage.taskOf(victim)
    await stage.report(victim, 'Wrote files.')
    const outcome = await stage.until('the merge has an outcome', async () => {
      const { tasks, merges } = await stage.status()
      const merge = merges.find((each) => each.task === task)
      if (merge?.phase === 'failed') return `a merge that fails for ever: ${merge.reason}`
      const phase = tasks.find(({ id }) => id === task)?.phase ?? ''
      return /^(?:reported|merging)$/.test(phase) ? null : phase
    })
    if (outcome.startsWith('a merge')) return [outcome]
    await stage.atWork()
    const brief = await victim.tool('brief')
    if (!brief.includes('Kind: conflict')) throw new Error(`the task is ${outcome}: ${brief}`)
    await victim.output(
      'cd "$ORCHESTRATOR_WORKSPACE" && git merge --quiet -X theirs "origin/$TARGET_BRANCH"',
    )
    const last = await reportAccepted(stage, victim, 'Resolved the conflict.')
    return last === 'merged' ? [] : [`a task that is ${last}`]
  },
}
