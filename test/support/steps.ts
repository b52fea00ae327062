/** The steps of one test by what each shows, in order: each starts from the result of the last. */
export type Steps = Readonly<Record<string, () => Promise<void>>>

/** Only ends a hang. */
export const stepsTimeoutMs = 1_800_000

/** A failure names its step. */
export async function runSteps(steps: Steps): Promise<void> {
  for (const [name, act] of Object.entries(steps)) {
    try {
      await act()
    } catch (error) {
      if (error instanceof Error) error.message = `${name}: ${error.message}`
      throw error
    }
  }
}
