import { Unavailable } from './store-unavailable.ts'

/**
 * The stored data can no longer be trusted. It does not recover by itself; the message says how a
 * human repairs it.
 */
export class Damaged extends Unavailable {}
