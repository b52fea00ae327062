import type { Login } from '../../claude/launch/login.ts'

/** Headers and addresses may hold a gateway's key as well. */
export function secretsIn(variables: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    if (value === '') return []
    if (name === 'ANTHROPIC_CUSTOM_HEADERS') return [value, ...headerValues(value)]
    if (name === 'ANTHROPIC_BASE_URL') return passwordIn(value)
    return /TOKEN|KEY|SECRET/.test(name) ? [value] : []
  })
}

const headerValues = (headers: string): readonly string[] =>
  headers
    .split('\n')
    .map((line) => line.slice(line.indexOf(':') + 1).trim())
    .filter((value) => value !== '')

function passwordIn(url: string): readonly string[] {
  const password = URL.canParse(url) ? new URL(url).password : ''
  return password === '' ? [] : [password]
}

export const secretsOf = ({ accessToken, refreshToken }: Login): readonly string[] => [
  accessToken,
  refreshToken,
]
