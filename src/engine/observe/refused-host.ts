export interface RefusedName {
  /** With its port, where the port is not that of a web site. */
  readonly name: string
  /** The private address to which an allowed name leads; null for a name that is not allowed. */
  readonly leadsTo: string | null
}

/** What the entry that would allow a refused host says about it. */
export function readRefused(entry: string): RefusedName {
  const [, name = entry, leadsTo = null] = /^(\S+) in (\S+)$/.exec(entry) ?? []
  return { name, leadsTo }
}

/** A part of a sentence. */
export function describeRefused(entry: string): string {
  const { name, leadsTo } = readRefused(entry)
  return leadsTo === null ? name : `${name}, which leads to the private address ${leadsTo}`
}
