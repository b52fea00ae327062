import type { CredentialShape } from '../scenarios/limit-scenarios.ts'

export interface PoolFile {
  /** Its file's name without the extension, which is what the server calls it. */
  readonly id: string
  readonly secret: string
  readonly text: string
}

/**
 * Not secrets, but kept and handed out like them; they differ at the end, by which Claude Code
 * remembers an approved key.
 */
export function poolOf(
  count: number,
  shape: CredentialShape,
  modelUrl: string,
): readonly PoolFile[] {
  const { variable, prefix } = shapes[shape]
  return Array.from({ length: count }, (_, index) => {
    const secret = `${prefix}rehearsal-${index + 1}`
    return {
      id: `key-${index + 1}`,
      secret,
      text: JSON.stringify({ env: { [variable]: secret, ANTHROPIC_BASE_URL: modelUrl } }),
    }
  })
}

const shapes = {
  'auth-token': { variable: 'ANTHROPIC_AUTH_TOKEN', prefix: '' },
  'api-key': { variable: 'ANTHROPIC_API_KEY', prefix: 'sk-ant-api03-fake-' },
  'oauth-token': { variable: 'CLAUDE_CODE_OAUTH_TOKEN', prefix: 'sk-ant-oat01-fake-' },
} as const satisfies Record<CredentialShape, object>

/** Another secret for the same credential, as after a rotation. */
export const renewedSecret = (secret: string, time: number): string =>
  `${secret.replace(/-r\d+$/, '')}-r${time}`

/**
 * The server's name of the credential that came with a request; null for one that we did not hand
 * out.
 */
export function nameOf(secret: string): string | null {
  const number = /^(?:sk-ant-(?:api03|oat01)-fake-)?rehearsal-(\d+)(?:-r\d+)?$/.exec(secret)?.[1]
  return number === undefined ? null : `key-${number}`
}
