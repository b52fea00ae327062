import { quoteLine } from '../../../core/text/quote.ts'
import { plainText } from '../../../lib/plain-text.ts'
import type { Instant } from '../../../core/model/ids.ts'
import type { State } from '../../../core/model/state.ts'
import type { RunningCheck } from '../../../engine/observe/running-checks.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import type { RunningCheckView } from '../../contract/line.ts'

export const viewRunningCheck = (check: RunningCheck): RunningCheckView => ({
  task: check.task,
  commit: check.commit,
  command: check.command,
  since: isoTime(check.since),
  lastOutputAt: isoTime(check.lastOutputAt),
  endsAt: isoTime(check.endsAt),
  output: check.output,
})

interface Notice {
  readonly at: Instant
  readonly kind: 'check'
  readonly text: string
}

/** A check that prints nothing for this long is shown to people: it may stand still. */
const longSilenceMs = 60_000

/** A notice for each check that has printed nothing for a minute, since its last output. */
export const noticesOfSilence = (
  running: readonly RunningCheck[],
  lines: State['lines'],
): readonly Notice[] =>
  running
    .filter(({ silentMs }) => silentMs >= longSilenceMs)
    .map((check) => ({
      at: check.lastOutputAt,
      kind: 'check',
      text: describeSilence(check, lines.get(check.line)?.branch ?? check.line),
    }))

function describeSilence(check: RunningCheck, branch: string): string {
  const { command, task, since, lastOutputAt, silentMs, timeoutMs, endsAt, output } = check
  const what = command === null ? 'the checkout for the checks' : `the check "${command}"`
  const subject = task === null ? `${branch} itself` : `the work of task ${task} for ${branch}`
  const seconds = Math.floor(silentMs / 1_000)
  const words = lastWords(output)
  return (
    `${what} runs on ${subject} since ${isoTime(since)} and has printed nothing for ${seconds} s, ` +
    `since ${isoTime(lastOutputAt)}; ` +
    (words === '' ? 'there is no output yet. ' : `the output ends with: ${words} ; `) +
    `The limit of ${timeoutMs / 60_000} minutes for all checks ends it at ${isoTime(endsAt)}. If it ` +
    'cannot pass or needs longer, correct checks.commands, checks.network or ' +
    'checks.timeoutMinutes in the configuration and restart the server'
  )
}

/**
 * The end of an output, in quotation marks that it cannot end: what it prints does not read as the
 * server's own words. Empty for no output.
 */
export const lastWords = (output: string): string => {
  const text = plainText(output).replaceAll(/\s+/g, ' ').trim()
  return text === '' ? '' : quoteLine(text.length <= 400 ? text : `…${text.slice(-400)}`)
}
