import { formatTable } from '../../src/rehearsal/runner/table.ts'
import type { Row } from './row.ts'

const head = ['path', 'product', 'raw', 'ratio', 'goal', 'met']

export const tableOf = (rows: readonly Row[]): readonly string[] =>
  formatTable([
    head,
    ...rows.map(({ path, product, raw, ratio, goal, met }) => [
      path,
      product === null ? 'not measured' : String(product),
      raw === null ? '–' : String(raw),
      ratio === null ? '–' : `${ratio} ×`,
      goal ?? '–',
      met === null ? '–' : met ? 'yes' : 'NO',
    ]),
  ])
