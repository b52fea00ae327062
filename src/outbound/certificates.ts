import { X509Certificate } from 'node:crypto'
import { getCACertificates } from 'node:tls'

export type ReadCertificates =
  | { readonly ok: true; readonly certificates: readonly string[] }
  | { readonly ok: false; readonly what: string }

const block = /-----BEGIN (TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g

/**
 * The certificates of a PEM file, and nothing else of it: what comes out is given to instances, and
 * the file may hold a private key as well.
 */
export function readCertificates(text: string): ReadCertificates {
  const found = [...text.matchAll(block)]
  if (found.length === 0) return { ok: false, what: 'holds no certificate in PEM' }
  const certificates: string[] = []
  for (const [index, [pem]] of found.entries()) {
    const read = certificateIn(pem)
    if (read === null)
      return { ok: false, what: `holds a certificate that cannot be read (number ${index + 1})` }
    certificates.push(read)
  }
  return { ok: true, certificates: [...new Set(certificates)] }
}

/** Written out by Node, so that comments and trust settings of the file do not count. */
function certificateIn(pem: string): string | null {
  try {
    return new X509Certificate(pem).toString().trim()
  } catch {
    return null
  }
}

/** What programs of this machine trust, with the given certificates: one PEM file. */
export function hostBundle(own: readonly string[]): string {
  const usual = [...getCACertificates('bundled'), ...getCACertificates('system')]
  return bundleOf([...usual, ...own])
}

export const bundleOf = (certificates: readonly string[]): string =>
  [...new Set(certificates.map((pem) => pem.trim()))].map((pem) => `${pem}\n`).join('')
