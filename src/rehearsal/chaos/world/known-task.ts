/** What people know of a task of the sample. */
export interface KnownTask {
  readonly id: string
  readonly dependsOn: readonly string[]
  readonly files: readonly { readonly path: string; readonly text: string }[]
  readonly entry: { readonly path: string; readonly below: string; readonly line: string }
}
