/** A service that we need does not answer. Whether the last request was carried out is unknown. */
export class Unreachable extends Error {}
