/** Something that we need does not answer at all; nobody knows whether what was asked of it was done. */
export class Unreachable extends Error {}
