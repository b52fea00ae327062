import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Attack } from '../stage/attack.ts'
import { shownBy } from '../stage/shown.ts'

const execute = promisify(execFile)

/** Control characters in one and in two bytes, the clipboard, directions of writing, tags. */
const escapes = [
  ...[
    '\u001b]52;c;ZXZpbA==\u0007',
    '\u001b]0;forged\u0007',
    '\u001b[31m',
    '\u001bc',
    '\u0008\u007f',
  ],
  ...['\u009b31m', '\u009d0;forged\u009c', '\u001bPtmux;\u001b\u001b]52;c;ZXZpbA==\u0007\u001b\\'],
  ...['\u202edesrever\u202c', '\u2067x\u2069', '\u061cx', '\u{e0041}\u{e0042}', '\u2028'],
]

/** What no text for people may hold. */
const hidden = /[^\P{Cc}\n\t]|\p{Bidi_Control}|[\u2028\u2029\u{e0000}-\u{e007f}]/u

/** In a pane, colours are the agent's own. tmux does not look at directions of writing. */
// oxlint-disable-next-line no-control-regex
const carried = /\u001b[\]P_^]|[\u0080-\u009f]|ZXZpbA/

const decoded = (json: string): string =>
  json.replaceAll(/\\u([0-9a-f]{4})/gi, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  )

const excerpt = (text: string, pattern: RegExp): string =>
  JSON.stringify(text.slice(Math.max(0, text.search(pattern) - 20)).slice(0, 60))

export const terminalText: Attack = {
  id: 'terminal-text',
  from: 'a worker',
  tries: 'puts terminal escapes and reordered text into notes, summaries and its terminal',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/lib/plain-text.ts',
      find: String.raw`.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}|[\u{e0000}-\u{e007f}]/gu, '')`,
      replace: '',
    },
    {
      file: 'src/adapters/tmux/readable-log.pl',
      find: String.raw`s/\xc2[\x80-\x9f]//g;`,
      replace: '',
    },
  ],
  async run(stage) {
    const { attacker, setup } = stage
    const mark = randomUUID()
    const text = escapes.map((each) => `begin ${each} end`).join(' ')
    await attacker.tool('report_progress', { note: `note ${mark} ${text}`.slice(0, 500) })
    const [said] = await shownBy(stage)
    if (said?.text.includes(`note ${mark}`) !== true)
      throw new Error('the status does not show the note')

    const lines = escapes.map((each) => `begin ${each} end of ${mark}`)
    await attacker.output('cat >/dev/pts/0', `\r\n${lines.join('\r\n')}\r\nlast of ${mark}\r\n`)
    const log = await stage.until('the log has the terminal', async () => {
      const kept = await readFile(join(setup.state, `logs/${attacker.instance}.log`), 'utf8')
      return kept.includes(`last of ${mark}`) ? kept : null
    })
    const { terminals } = await stage.status()
    const words = ['-u', '-L', terminals.socket, 'capture-pane', '-p', '-e']
    const pane = await execute('tmux', [...words, '-t', `=${attacker.instance}:`])

    const task = await stage.taskOf(attacker)
    await stage.commit(
      attacker,
      `echo x >"notes/${mark}.txt" && git add --all && git commit --quiet --message "Write ${mark}"`,
    )
    await stage.report(attacker, `summary ${mark} ${text}`)
    await stage.settled(task)
    const merged = await stage.hub('log', '-1', '--format=%B', 'main')
    const places = [
      ...(await shownBy(stage)).map((each) => ({ ...each, text: decoded(each.text) })),
      { place: 'the log of the terminal', text: log },
      { place: 'the message of the merge', text: merged },
    ]
    return [
      ...places
        .filter((each) => hidden.test(each.text))
        .map((each) => `${excerpt(each.text, hidden)} in ${each.place}`),
      ...(carried.test(pane.stdout) ? [`${excerpt(pane.stdout, carried)} in the pane`] : []),
    ]
  },
}
