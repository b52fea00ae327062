/** Why a variable of `environment` is refused, with the remedy; null when it is allowed. */
export function objectionTo(
  name: string,
  value: string,
): { readonly what: string; readonly remedy: string } | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return {
      what: 'is not a valid variable name',
      remedy: 'use letters, digits and _, and no digit at the beginning',
    }
  }
  if (value.includes('\0')) return { what: 'holds a NUL character', remedy: 'remove it' }
  if (isOurs(name)) return { what: 'is set by the orchestrator itself', remedy: 'remove it' }
  if (/^ANTHROPIC_/i.test(name)) {
    return {
      what: 'decides how Claude Code reaches its model',
      remedy: 'put it into the `env` block of the credential files',
    }
  }
  if (isCredential(name)) {
    return {
      what: 'looks like a secret, and every instance could read it',
      remedy: 'keep it out of the configuration, or rename it if it is not a secret',
    }
  }
  return null
}

/**
 * The server sets many of Claude Code's own variables; a wrong value in one of the others
 * (`CLAUDE_CONFIG_DIR`) disables the hooks.
 */
const ourPrefixes = /^(?:ORCHESTRATOR_|INSTANCE_|CLAUDE_|LD_|GIT_CONFIG)/i
const ourNames = new Set([
  ...'WORKER_ID TOTAL_WORKERS LAUNCH TARGET_BRANCH TZ HOME PATH SHELL USER TERM'.split(' '),
  ...'DISABLE_AUTOUPDATER ENABLE_TOOL_SEARCH IS_SANDBOX NODE_OPTIONS BASH_ENV ENV'.split(' '),
])

const isOurs = (name: string): boolean => ourPrefixes.test(name) || ourNames.has(name.toUpperCase())

/** A plural is a count, not a secret: `MAX_THINKING_TOKENS`. */
const isCredential = (name: string): boolean =>
  /TOKEN(?:_|$)|SECRET|PASSW|PASSPHRASE|CREDENTIAL|(?:API|ACCESS|PRIVATE|AUTH)_?KEY(?:_|$)/i.test(
    name,
  )
