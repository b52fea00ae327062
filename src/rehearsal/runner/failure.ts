/** An error and what caused it, one line each. */
export function describeFailure(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)]
  return [
    error.message,
    ...(error.cause === undefined
      ? []
      : describeFailure(error.cause).map((line) => `  because ${line}`)),
  ]
}
