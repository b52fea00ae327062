import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Problem } from '../lib/problem.ts'
import { parseRepositoryUrl } from '../lib/repository-url.ts'
import { configurationFrom, type Configuration } from './configuration.ts'
import { contradictionsIn, wellFormedPart } from './contradictions.ts'
import { credentialMistakes } from './credentials.ts'
import { parseJson } from './json.ts'
import { mistakesIn, type Mistake } from './mistakes.ts'
import { splitBase } from './paths.ts'
import { settingsSchema } from './schema.ts'

/** Exit code for a broken configuration: EX_CONFIG of sysexits.h. */
export const EXIT_CONFIGURATION = 78

/** Options of the command line; they override the file. */
export interface Overrides {
  readonly state?: string | undefined
  readonly port?: number | undefined
  readonly host?: string | undefined
  readonly logLevel?: string | undefined
}

export interface Surroundings {
  readonly home: string
  readonly findFiles: (pattern: string, directory: string) => Promise<readonly string[]>
}

export type Reading =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Reads `<directory>/orchestrator.json`: a complete configuration, or all its problems at once. */
export async function readConfiguration(
  directory: string,
  overrides: Overrides,
  surroundings: Surroundings,
): Promise<Reading> {
  const bases = { home: surroundings.home, directory: resolve(directory) }
  const file = join(bases.directory, 'orchestrator.json')
  const source = await readSource(bases.directory, file)
  if (!source.ok) return { ok: false, problems: [source.problem] }
  const options = optionsFrom(overrides)
  const value = { ...source.value, ...options }
  const settings = wellFormedPart(value)
  const glob =
    settings.claudeConfigs === undefined ? null : splitBase(settings.claudeConfigs, bases)
  const search =
    glob === null
      ? null
      : await searched(() => surroundings.findFiles(glob.pattern, glob.directory))
  const repository =
    settings.repositoryUrl === undefined
      ? null
      : parseRepositoryUrl(settings.repositoryUrl, bases.directory, bases.home)
  const mistakes = [
    ...mistakesIn(value),
    ...(repository?.ok === false ? [repositoryMistake(repository.problem)] : []),
    ...contradictionsIn(settings),
    ...(search?.ok === false ? [search.mistake] : []),
    ...(search?.ok === true ? credentialMistakes(settings, search.files) : []),
  ]
  if (mistakes.length > 0 || repository?.ok !== true || search?.ok !== true || glob === null) {
    return { ok: false, problems: mistakes.map((mistake) => problemFrom(mistake, file, options)) }
  }
  const found = {
    file,
    repositoryUrl: repository.url,
    credentialFiles: search.files,
    credentialGlob: glob,
    bases,
  }
  return { ok: true, configuration: configurationFrom(settingsSchema.parse(value), found) }
}

type Source =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problem: Problem }

async function readSource(directory: string, file: string): Promise<Source> {
  const refuse = (what: string, remedy: string, at = file): Source => ({
    ok: false,
    problem: { file: at, key: null, what, remedy },
  })
  const kind = await stat(directory).catch(() => null)
  if (kind === null)
    return refuse(
      'is not there',
      'make the directory and copy config.example/orchestrator.json into it',
      directory,
    )
  if (!kind.isDirectory())
    return refuse(
      'is not a directory',
      'give --config the directory that holds orchestrator.json',
      directory,
    )
  const text = await readFile(file, 'utf8').catch((error: unknown) => ({ code: codeOf(error) }))
  if (typeof text === 'object') {
    return text.code === 'ENOENT'
      ? refuse('is not there', 'copy config.example/orchestrator.json there and adapt it')
      : refuse(
          `cannot be read (${text.code})`,
          'give the user that runs the server permission to read it',
        )
  }
  const parsed = parseJson(text)
  if (!parsed.ok)
    return refuse(
      `is not valid JSON: ${parsed.what}`,
      'correct it there',
      `${file}:${parsed.line}:${parsed.column}`,
    )
  if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value)) {
    return refuse(
      'does not hold an object',
      'begin with { and end with }, as in config.example/orchestrator.json',
    )
  }
  return { ok: true, value: { ...parsed.value } }
}

type Search =
  | { readonly ok: true; readonly files: readonly string[] }
  | { readonly ok: false; readonly mistake: Mistake }

async function searched(find: () => Promise<readonly string[]>): Promise<Search> {
  try {
    return { ok: true, files: await find() }
  } catch (error) {
    const what = `names a place that cannot be searched (${codeOf(error)})`
    return {
      ok: false,
      mistake: {
        path: ['claudeConfigs'],
        what,
        remedy: 'give the user that runs the server permission to list it, or correct the glob',
      },
    }
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

/** The parser's sentence has the form `what is wrong: what to do`. */
function repositoryMistake(problem: string): Mistake {
  const [
    what = problem,
    remedy = 'write an https or ssh URL, user@host:path, or a path on this machine',
  ] = problem.split(/: (.*)/s)
  return { path: ['repositoryUrl'], what, remedy }
}

/** A relative path on the command line starts in the working directory, as in other programs. */
function optionsFrom({
  state,
  port,
  host,
  logLevel,
}: Overrides): Readonly<Record<string, unknown>> {
  const options = {
    stateDirectory: state === undefined ? state : resolve(state),
    port,
    host,
    logLevel,
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

const optionNames: Readonly<Record<string, string>> = {
  stateDirectory: '--state',
  port: '--port',
  host: '--host',
  logLevel: '--log-level',
}

function problemFrom(
  { path, what, remedy }: Mistake,
  file: string,
  options: Readonly<Record<string, unknown>>,
): Problem {
  const [key = ''] = path
  return key in options
    ? { file: 'command line', key: optionNames[key] ?? key, what, remedy }
    : { file, key: path.join('.') || null, what, remedy }
}
