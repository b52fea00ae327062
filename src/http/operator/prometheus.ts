export interface Metric {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

/** The content type of the Prometheus text format, which every scraper reads. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

/** Leaves out a metric without samples. */
export function renderPrometheus(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(
      ({ name, type, help, samples }) =>
        `# HELP ${name} ${escape(help, /[\\\n]/g)}\n# TYPE ${name} ${type}\n` +
        samples.map((sample) => line(name, sample)).join(''),
    )
    .join('')
}

function line(name: string, { labels = {}, value }: Sample): string {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${label}="${escape(text, /[\\\n"]/g)}"`,
  )
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numeral(value)}\n`
}

const escape = (text: string, special: RegExp): string =>
  text.replace(special, (character) => (character === '\n' ? '\\n' : `\\${character}`))

const numeral = (value: number): string =>
  Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf'
