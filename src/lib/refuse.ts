/** An error that becomes an HTTP answer with this status; the caller reads its message. */
export function refuse(
  statusCode: number,
  message: string,
  cause?: unknown,
): Error & { statusCode: number } {
  return Object.assign(new Error(message, { cause }), { statusCode })
}
