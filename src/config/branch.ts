const refused = [
  /^-/, // would be taken for an option
  /[\s~^:?*[\\\p{Cc}]/u,
  /\.\.|@\{|\/\//,
  /^\/|(?:^|\/)\./,
  /(?:\.|\/|\.lock)$|\.lock\//,
  /^(?:@|HEAD|)$/, // the first two name what is checked out
]

/** The rules of git-check-ref-format for branches. */
export function isBranchName(name: string): boolean {
  return name.length <= 200 && !refused.some((shape) => shape.test(name))
}
