import { formatTable } from '../../src/rehearsal/runner/table.ts'
import type { Row } from './row.ts'

const head = ['path', 'product', 'raw', 'ratio', 'spread', 'goal', 'met']

export const tableOf = (rows: readonly Row[]): readonly string[] =>
  formatTable([
    head,
    ...rows.map(({ path, product, raw, ratio, spread, goal, met }) => [
      path,
      product === null ? 'not measured' : String(product),
      raw === null ? '–' : String(raw),
      ratio === null ? '–' : `${ratio} ×`,
      spread === null ? '–' : spread.join(' to '),
      goal ?? '–',
      met === null ? '–' : met ? 'yes' : 'NO',
    ]),
  ])
