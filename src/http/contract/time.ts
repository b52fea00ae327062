import { z } from 'zod'

/** ISO 8601 in UTC, to the millisecond: `2030-01-01T00:00:00.000Z`. */
export const time = z.iso.datetime()
