/** An error that the gateway answers with this status, in the shape of the API's errors. */
export function refuse(
  statusCode: number,
  message: string,
  cause?: unknown,
): Error & { statusCode: number } {
  return Object.assign(new Error(message, { cause }), { statusCode })
}
