import { z } from 'zod'

const poolFile = z.object({ env: z.record(z.string(), z.string()) })

/** The variables of a credential file of the pool. */
export const environmentOf = (text: string): Readonly<Record<string, string>> =>
  poolFile.parse(JSON.parse(text)).env
