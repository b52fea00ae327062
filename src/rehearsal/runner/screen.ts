export interface Screen {
  /** Whether `show` is seen: on anything but a terminal it is not. */
  readonly isLive: boolean
  /** A line that stays. */
  print(line: string): void
  /** Lines that are replaced by the next ones. */
  show(lines: readonly string[]): void
}

const escape = '\u001b['
const eraseBelow = `\r${escape}J`
const up = (lines: number): string => (lines === 0 ? '' : `${escape}${lines}A`)

export function createScreen(stream: NodeJS.WriteStream): Screen {
  const isLive = stream.isTTY
  // The reader may be gone, with the terminal or behind a `| head`: the rehearsal goes on to its
  // clean-up.
  stream.on('error', () => undefined)
  let shown = 0
  const erase = () => {
    if (shown > 0) stream.write(up(shown) + eraseBelow)
    shown = 0
  }
  return {
    isLive,
    print: (line) => {
      erase()
      stream.write(`${line}\n`)
    },
    show: (lines) => {
      if (!isLive) return
      erase()
      // A line that wrapped would count as two.
      const fitting = lines
        .slice(0, stream.rows - 1)
        .map((line) => line.slice(0, stream.columns - 1))
      stream.write(fitting.map((line) => `${line}\n`).join(''))
      shown = fitting.length
    },
  }
}
