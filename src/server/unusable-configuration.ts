/**
 * The credential files, or what changed since the last start, do not allow a start; the message
 * names each mistake and its remedy.
 */
export class UnusableConfiguration extends Error {}
