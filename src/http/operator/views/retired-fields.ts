/**
 * The fields of an event as the journal holds it; older servers wrote its model error as `trouble`.
 */
export const withModelError = (event: unknown): unknown =>
  typeof event === 'object' && event !== null && 'trouble' in event
    ? { modelError: event.trouble, ...event }
    : event
