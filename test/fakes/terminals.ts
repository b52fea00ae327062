import type { InstanceId } from '../../src/core/model/ids.ts'
import type { Key, Terminals } from '../../src/ports/terminals.ts'

/** Keys stand in angle brackets, pasted text as it is. */
export type Typed = readonly string[]

export interface FakeTerminals extends Terminals {
  /** Everything that was pasted and pressed, oldest first, since the terminal was opened. */
  typedInto(instance: InstanceId): Typed
  /** The screen from now on, as a function of what is typed from now on. */
  show(instance: InstanceId, screen: (typed: Typed) => string): void
  /** How often the terminal was asked to redraw. */
  redrawsOf(instance: InstanceId): number
  /** What the terminal shows ends by itself. */
  end(instance: InstanceId): void
}

interface Window {
  readonly command: string
  readonly typed: string[]
  redraws: number
  screen: () => string
}

export interface FakeTerminalsOptions {
  /** What a terminal shows that was given nothing else to show. */
  readonly screen?: (instance: InstanceId) => string
  readonly onPaste?: (instance: InstanceId, line: string) => void
  /** Called after every key, with everything that was typed: what an agent would do about it. */
  readonly onPress?: (instance: InstanceId, key: Key, typed: Typed) => void
}

/** Terminals in memory; without a script they show what was typed, a row per Enter. */
export function createFakeTerminals({
  screen,
  onPaste,
  onPress,
}: FakeTerminalsOptions = {}): FakeTerminals {
  const windows = new Map<InstanceId, Window>()
  const windowOf = (instance: InstanceId): Window => {
    const window = windows.get(instance)
    if (window === undefined) throw new Error(`${instance} has no open terminal`)
    return window
  }

  return {
    socket: 'fake',
    ensureUsable: async () => undefined,
    async ensureOpen(instance, command) {
      const wanted = JSON.stringify(command)
      if (windows.get(instance)?.command === wanted) return
      const typed: string[] = []
      windows.set(instance, {
        command: wanted,
        typed,
        redraws: 0,
        screen: () => screen?.(instance) ?? rowsOf(typed),
      })
    },
    async ensureClosed(instance) {
      windows.delete(instance)
    },
    listOpen: async () => new Set(windows.keys()),
    async paste(instance, line) {
      const text = line.replaceAll(/\p{Cc}/gu, '')
      windowOf(instance).typed.push(text)
      onPaste?.(instance, text)
    },
    async press(instance, key) {
      const { typed } = windowOf(instance)
      typed.push(`<${key}>`)
      onPress?.(instance, key, [...typed])
    },
    async redraw(instance) {
      windowOf(instance).redraws += 1
    },
    screen: async (instance) => windowOf(instance).screen(),

    redrawsOf: (instance) => windowOf(instance).redraws,
    typedInto: (instance) => [...windowOf(instance).typed],
    show(instance, screen) {
      const window = windowOf(instance)
      const before = window.typed.length
      window.screen = () => screen(window.typed.slice(before))
    },
    end: (instance) => void windows.delete(instance),
  }
}

const rowsOf = (typed: Typed): string =>
  typed.map((each) => (each === '<Enter>' ? '\n' : each)).join('')
