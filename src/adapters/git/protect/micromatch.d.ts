/** The part that is used; the package has no types of its own. */
declare module 'micromatch' {
  interface Options {
    readonly dot?: boolean
    readonly nocase?: boolean
    readonly nonegate?: boolean
  }
  const micromatch: {
    matcher(pattern: string, options?: Options): (path: string) => boolean
  }
  export default micromatch
}
