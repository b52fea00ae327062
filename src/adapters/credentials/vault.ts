import { basename } from 'node:path'
import { CredentialId } from '../../core/ids.ts'
import type { Problem } from '../../lib/problem.ts'
import type { CredentialEntry, Vault } from '../../ports/vault.ts'
import { readPrivateFile } from './read-file.ts'
import type { Refusal } from './read-file.ts'
import { credentialVariables, recognise } from './recognise.ts'
import type { Recognised } from './recognise.ts'

interface Kept extends CredentialEntry {
  readonly file: string
  readonly variables: Recognised['variables']
}

/** Reads every file once. A file with a problem is left out of the vault; problems name files and remedies, never a secret. */
export async function openVault(files: readonly string[]): Promise<{ readonly vault: Vault; readonly problems: readonly Problem[] }> {
  const kept: Kept[] = []
  const problems: Problem[] = []
  for (const file of files) {
    const read = await readPrivateFile(file)
    const credential = read.ok ? admit(file, recognise(read.text), kept) : read
    if (credential.ok) kept.push(credential)
    else problems.push({ file, key: null, what: credential.what, remedy: credential.remedy })
  }
  return { vault: vaultOf(kept), problems }
}

function admit(file: string, recognised: Recognised | Refusal, kept: readonly Kept[]): ({ readonly ok: true } & Kept) | Refusal {
  const name = basename(file).replace(/\.[^.]+$/, '')
  if (!recognised.ok) return recognised
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(name)) {
    return { ok: false, what: 'has a name that cannot be shown safely', remedy: 'rename it: up to 64 letters, digits, ".", "_" and "-"' }
  }
  const namesake = kept.find(({ id }) => id === name)
  if (namesake) return { ok: false, what: `has the same name as ${namesake.file}`, remedy: 'rename one: the name tells credentials apart' }
  const twin = kept.find((other) => secretOf(other) === secretOf(recognised))
  if (twin)
    return { ok: false, what: `holds the same credential as ${twin.file}`, remedy: 'remove one: both would run into the same limit' }
  return { ...recognised, id: CredentialId(name), file }
}

const secretOf = ({ variables }: Pick<Kept, 'variables'>): string | undefined =>
  Object.keys(credentialVariables)
    .map((name) => variables[name])
    .find((value) => value !== undefined)

function vaultOf(kept: readonly Kept[]): Vault {
  const blank = Object.fromEntries([...alwaysNamed, ...kept.flatMap(({ variables }) => Object.keys(variables))].map((name) => [name, '']))
  return {
    list: () => kept.map(({ id, kind }) => ({ id, kind })),
    environmentOf: (credential) => {
      const found = kept.find(({ id }) => id === credential)
      if (!found) throw new Error(`there is no credential ${credential} in the vault`)
      return { ...blank, ...found.variables }
    },
    secrets: () => [...new Set(kept.flatMap(({ variables }) => Object.entries(variables).flatMap(secretsIn)))],
  }
}

/**
 * Claude Code keeps the value of a variable that is merely dropped. Every credential therefore names all variables of all of them, or the
 * next key would be sent to the last one's address.
 */
const alwaysNamed = [...Object.keys(credentialVariables), 'ANTHROPIC_BASE_URL', 'ANTHROPIC_CUSTOM_HEADERS']

/** Headers and addresses may carry a gateway's key as well. */
function secretsIn([name, value]: readonly [string, string]): readonly string[] {
  if (value === '') return []
  if (name === 'ANTHROPIC_CUSTOM_HEADERS') return [value, ...headerValues(value)]
  if (name === 'ANTHROPIC_BASE_URL') return passwordIn(value)
  return /TOKEN|KEY|SECRET/.test(name) ? [value] : []
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
