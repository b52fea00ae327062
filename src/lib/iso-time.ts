/** Milliseconds since the epoch as ISO 8601 in UTC: `2030-01-01T00:00:00.000Z`. */
export const isoTime = (ms: number): string => new Date(ms).toISOString()
