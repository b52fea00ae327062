import { z } from 'zod'
import { backup } from './schemas/backup.ts'
import { credential } from './schemas/credential.ts'
import { hosts } from './schemas/hosts.ts'
import { instance } from './schemas/instance.ts'
import { ledger } from './schemas/ledger.ts'
import { line } from './schemas/line.ts'
import { managerNews } from './schemas/manager-news.ts'
import { merge } from './schemas/merge.ts'
import { policy } from './schemas/policy.ts'
import { run } from './schemas/run.ts'
import { task } from './schemas/task.ts'

/** The schema of each kind of document, in the version that this server writes. */
export const schemas = {
  run,
  policy,
  line,
  instance,
  task,
  merges: z.array(merge),
  credential,
  backup,
  ledger,
  news: z.array(managerNews),
  hosts,
} as const

export type Kind = keyof typeof schemas
export const kinds = Object.keys(schemas) as readonly Kind[]
