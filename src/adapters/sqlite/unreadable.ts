/** A row does not hold what was written. */
export class Unreadable extends Error {}

/** A row was written by a newer server. */
export class TooNew extends Error {}
