/** In milliseconds. */
export const seconds = 1_000
export const minutes = 60 * seconds

type InMs<Settings> = {
  [Key in keyof Settings as Key extends `${infer Stem}Seconds` | `${infer Stem}Minutes`
    ? `${Stem}Ms`
    : Key]: Settings[Key]
}

/** Converts by the unit in the name: `startTimeoutSeconds: 90` becomes `startTimeoutMs: 90_000`. */
export function inMs<Settings extends object>(settings: Settings): InMs<Settings> {
  const entries = Object.entries(settings).map(([key, value]: [string, unknown]) => {
    const [, stem, unit] = /^(.+)(Seconds|Minutes)$/.exec(key) ?? []
    return stem === undefined || typeof value !== 'number'
      ? [key, value]
      : [`${stem}Ms`, value * (unit === 'Seconds' ? seconds : minutes)]
  })
  return Object.fromEntries(entries) as InMs<Settings>
}
