/**
 * What merged work must pass between *reported* and *merged*, in this order. The merge is in the
 * phase `checking` meanwhile; the first gate that refuses returns the work to its owner.
 */
export const gateNames = ['checks'] as const
export type GateName = (typeof gateNames)[number]
