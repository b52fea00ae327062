import { Unavailable } from './store-unavailable.ts'

/** What was written down can no longer be trusted. It will not mend by itself; the message says how a human mends it. */
export class Damaged extends Unavailable {}
