const refused = [
  /^-/, // git would read it as an option
  /[\s~^:?*[\\\p{Cc}]/u,
  /\.\.|@\{|\/\//,
  /^\/|(?:^|\/)\./,
  /(?:\.|\/|\.lock)$|\.lock\//,
  /^(?:@|HEAD|)$/, // `@` and `HEAD` mean the checked-out commit
]

/** The rules of git-check-ref-format for branches. */
export function isBranchName(name: string): boolean {
  return name.length <= 200 && !refused.some((shape) => shape.test(name))
}
