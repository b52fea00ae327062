import type { JournalEntry } from '../../src/ports/store.ts'
import type { Shrunk } from './shrink.ts'

const entriesShown = 30

/**
 * Why a run broke a promise: which one, the faults that it took, the last decisions, and the
 * command that repeats it.
 */
export function traceOf(seed: number, { outcome, needed, runs }: Shrunk, isFair = false): string {
  const begin = outcome.journal[0]?.event.at ?? 0
  const faults = outcome.struck.map(({ name, at }) => `  ${time(at - begin)}  ${name}`)
  return [
    `Seed ${seed} breaks a promise${isFair ? ' in fair environment' : ''}:`,
    ...outcome.violations.map(({ rule, what }) => `  ${rule}: ${what}`),
    needed.length === 0 ? 'It takes no fault.' : `It takes these faults (found in ${runs} runs):`,
    ...faults,
    `The last of ${outcome.journal.length} decisions:`,
    ...outcome.journal.slice(-entriesShown).map((entry) => `  ${entryLine(entry, begin)}`),
    `See it again: SIMULATE_SEED=${seed} npx vitest run --project simulation -t replay`,
  ].join('\n')
}

function entryLine({ event, commands, ignored }: JournalEntry, begin: number): string {
  const { at, type, ...said } = event
  const led = commands.map((command) => command.type).join(', ')
  const words = JSON.stringify(said)
  return `${time(at - begin)}  ${type} ${words.length > 160 ? `${words.slice(0, 160)}…` : words}${led === '' ? '' : ` → ${led}`}${ignored === null ? '' : ` (${ignored})`}`
}

const time = (ms: number): string => `${(ms / 1000).toFixed(1)} s`.padStart(10)
