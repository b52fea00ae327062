/** A deliberate bug in one file of the product, and the test that fails because of it. */
export interface Mutant {
  /** What the broken product does wrong. */
  readonly name: string
  /** The changed file, from the root of the repository. */
  readonly file: string
  /** Text that occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
  readonly killedBy: {
    readonly project: 'unit' | 'scenarios'
    /** From the root of the repository. */
    readonly file: string
    /** The title in `it(…)`, which occurs exactly once in the file. */
    readonly test: string
  }
}

/** A test of the unit project. */
export const unit = (file: string, test: string): Mutant['killedBy'] => ({
  project: 'unit',
  file,
  test,
})
