/** Storage does not work now and may work again: a full disk, a locked file. */
export class Unavailable extends Error {}
