import { targetBranch } from '../../runner/setup.ts'
import type { Attack } from '../stage/attack.ts'
import { commitAll, newName, reportAccepted, writeNote } from '../stage/workspace.ts'

const summary = [
  'Done.\0 \u001b]52;c;ZXZpbA==\u0007 \u009b31m \u202egnp.exe [skip ci] ***NO_CI***',
  'Closes #1, fixes example/other#2',
  'skip-checks: true',
  '',
  'Signed-off-by: The Operator <operator@example.com>',
  'Task: another',
].join('\n')

/** What a forge, an origin or a terminal would act on. */
const effects = [
  ['a NUL, which origins refuse', /\0/],
  ['control characters of terminals', /[^\P{Cc}\n\t]/u],
  ['a changed direction of writing', /\u202e/],
  ['skipped checks', /\[skip ci\]|\*{3}NO_CI\*{3}|^\s*skip-checks:/m],
  ['a closed issue', /(?:Closes|fixes) (?:example\/other)?#\d/],
  ['a signature of the operator', /^Signed-off-by:/m],
  ['a trailer of another task', /^Task: another/m],
] as const

/**
 * Two places clean the text: the tools take no control characters, and the message changes words
 * that a forge acts on.
 */
export const mergeText: Attack = {
  id: 'merge-text',
  from: 'a worker',
  tries: 'reports a summary whose text acts on terminals, forges and trailers of the merge',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/http/instance/tool-text.ts',
      find: 'z.string().overwrite(plainText)',
      replace: 'z.string()',
    },
    {
      file: 'src/core/text/merge-message.ts',
      find: "harmless(summary ?? '')",
      replace: "(summary ?? '')",
    },
    {
      file: 'src/core/text/merge-message.ts',
      find: '`  ${line}`.trimEnd()',
      replace: 'line',
    },
  ],
  async run(stage) {
    const before = await stage.hub('rev-parse', targetBranch)
    await stage.commit(stage.attacker, `${writeNote(newName('text'))}; ${commitAll}`)
    const phase = await reportAccepted(stage, stage.attacker, summary)
    if (phase !== 'merged') throw new Error(`the task is ${phase}`)
    const merges = await stage.hub('rev-list', '--first-parent', `${before}..${targetBranch}`)
    const commits = await Promise.all(
      merges.split('\n').map((commit) => stage.hub('cat-file', 'commit', commit)),
    )
    const text = commits.join('\n')
    if (!text.includes('Done.')) throw new Error(`the summary is in no commit: ${text}`)
    return effects.flatMap(([what, pattern]) => (pattern.test(text) ? [what] : []))
  },
}
