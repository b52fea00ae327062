/** `metadata` holds addresses of tarballs, which are rewritten. */
export interface PackagePath {
  readonly kind: 'metadata' | 'tarball'
  /** Below the registry's address, without a slash at its start. */
  readonly path: string
}

/** Of a package, a version, a tag or a file; a slash only as part of a scoped name. */
const part = String.raw`[A-Za-z0-9_~!'()*+-][A-Za-z0-9._~!'()*+-]*`
const name = String.raw`(?:@${part}(?:/|%2[fF]))?${part}`
const metadata = new RegExp(`^(?!-/)${name}(?:/${part})?$`)
const tarball = new RegExp(String.raw`^(?!-/)${name}/-/(?:@${part}/)?${part}\.tgz$`)
/** Keys and attestations, with which npm compares signatures. */
const security = new RegExp(`^-/npm/v1/(?:keys|attestations/${name}@${part})$`)

const longest = 1_024

/**
 * Reads the part of a URL below the route. Null for what an installation does not read: with the
 * operator's token in the request, a path must not lead out of the registry.
 */
export function readPackagePath(path: string): PackagePath | null {
  if (path.length > longest) return null
  if (tarball.test(path)) return { kind: 'tarball', path }
  return metadata.test(path) || security.test(path) ? { kind: 'metadata', path } : null
}
