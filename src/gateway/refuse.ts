/** An error that becomes an answer of this status, in the shape in which the API tells errors. */
export function refuse(
  statusCode: number,
  message: string,
  cause?: unknown,
): Error & { statusCode: number } {
  return Object.assign(new Error(message, { cause }), { statusCode })
}
