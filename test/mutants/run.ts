import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mutants, objectionTo } from './list.ts'
import type { Mutant } from './mutant.ts'

/**
 * Applies every mutant of the list, one after the other, to a copy of the tree, and runs the test
 * that must fail. By hand: `node test/mutants/run.ts`. It prints a line per mutant and exits with 1
 * unless each is killed.
 */
const root = join(import.meta.dirname, '../..')
/** The copy gets a link to the packages instead. */
const notCopied = new Set(['.git', '.cache', 'node_modules'])
/** Ends a test run that hangs, long after the timeout of a test. */
const runTimeoutMs = 300_000

type Verdict = 'killed' | 'SURVIVED' | 'no verdict'

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly {
    /** The absolute path of the test file. */
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[]
  }[]
}

const interrupted = new AbortController()
process.once('SIGINT', () => interrupted.abort())
process.once('SIGTERM', () => interrupted.abort())

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** As a pattern that matches just this text. */
const escaped = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)

async function copyTree(tree: string): Promise<void> {
  for (const name of await readdir(root))
    if (!notCopied.has(name)) await cp(join(root, name), join(tree, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(tree, 'node_modules'))
}

/** Runs the tests that kill these mutants, and no others. */
async function runTests(tree: string, chosen: readonly Mutant[]): Promise<Report> {
  const report = join(tree, 'mutant-report.json')
  await rm(report, { force: true })
  const tests = chosen.map(({ killedBy }) => killedBy)
  const argv = [
    'node_modules/vitest/vitest.mjs',
    'run',
    // The packages are shared with the tree that was copied; its caches are not touched.
    ...['--no-cache', '--no-fsModuleCache', '--reporter=json', `--outputFile=${report}`],
    ...new Set(tests.map(({ project }) => `--project=${project}`)),
    ...new Set(tests.map(({ file }) => file)),
    `--testNamePattern=${tests.map(({ test }) => escaped(test)).join('|')}`,
  ]
  const ended = await new Promise<string>((resolve) => {
    const options = { cwd: tree, timeout: runTimeoutMs, signal: interrupted.signal }
    execFile(process.execPath, argv, options, (_, stdout, stderr) => resolve(stdout + stderr))
  })
  interrupted.signal.throwIfAborted()
  const text = await readFile(report, 'utf8').catch((cause: unknown) => {
    throw new Error(`vitest wrote no report: ${ended}`, { cause })
  })
  return JSON.parse(text) as Report
}

/** What became of the test that kills the mutant; null when its file did not load. */
function statusOf({ killedBy }: Mutant, tree: string, { testResults }: Report): string | null {
  const file = testResults.find(({ name }) => name === join(tree, killedBy.file))
  return file?.assertionResults.find(({ title }) => title === killedBy.test)?.status ?? null
}

async function verdictOn(mutant: Mutant, tree: string): Promise<Verdict> {
  const path = join(tree, mutant.file)
  const text = await readFile(path, 'utf8')
  await writeFile(
    path,
    text.replace(mutant.find, () => mutant.replace),
  )
  try {
    const status = statusOf(mutant, tree, await runTests(tree, [mutant]))
    if (status === 'failed') return 'killed'
    return status === 'passed' ? 'SURVIVED' : 'no verdict'
  } finally {
    await writeFile(path, text)
  }
}

/** True when each mutant is killed. */
async function main(tree: string): Promise<boolean> {
  const unfit = mutants.flatMap((mutant) => {
    const objection = objectionTo(mutant, (file) => readFileSync(join(root, file), 'utf8'))
    return objection === null ? [] : [`does not apply  ${mutant.name}: ${objection}`]
  })
  for (const line of unfit) say(line)
  if (unfit.length > 0) return false
  await copyTree(tree)
  const report = await runTests(tree, mutants)
  const red = mutants.filter((mutant) => statusOf(mutant, tree, report) !== 'passed')
  for (const { name, killedBy } of red)
    say(`no verdict  ${name}: its test fails without it: ${killedBy.file}: ${killedBy.test}`)
  if (red.length > 0) return false
  let killed = 0
  for (const mutant of mutants) {
    const verdict = await verdictOn(mutant, tree)
    if (verdict === 'killed') killed += 1
    say(`${verdict.padEnd(10)}  ${mutant.name} (${mutant.file}; ${mutant.killedBy.file})`)
  }
  say(`${killed} of ${mutants.length} killed`)
  return killed === mutants.length
}

const tree = await mkdtemp(join(tmpdir(), 'mutants-'))
try {
  process.exitCode = (await main(tree)) ? 0 : 1
} finally {
  await rm(tree, { recursive: true, force: true })
}
