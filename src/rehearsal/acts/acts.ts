import type { Acts } from '../runner/act.ts'
import { hangEngine } from './hang-engine.ts'
import { hideOrigin } from './hide-origin.ts'
import { pushConflict } from './push-conflict.ts'
import { rewriteOrigin } from './rewrite-origin.ts'
import { amend, reset } from './rewrites.ts'
import { leakSecret, purge } from './secret.ts'

/** By the names that scenarios use. */
export const acts: Acts = {
  'push-conflict': pushConflict,
  'hide-origin': hideOrigin,
  'reset-and-keep': rewriteOrigin('who-resets', reset, 'keep'),
  'reset-and-put-back': rewriteOrigin('who-regrets', reset, 'put-back'),
  'hang-engine': hangEngine,
  'reset-and-follow': rewriteOrigin('who-resets-for-good', reset, 'follow'),
  'leak-secret': leakSecret,
  'purge-and-follow': rewriteOrigin('who-purges', purge, 'follow'),
  'amend-and-keep': rewriteOrigin('who-amends', amend, 'keep'),
}
