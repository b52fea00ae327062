import { join } from 'node:path'
import { readdir, readFile } from 'node:fs/promises'
import type { Script } from '../../players/script.ts'
import { type Setup, targetBranch } from '../../runner/setup.ts'
import type { Human } from '../world/human.ts'
import { acknowledgedProblems, type Acknowledgement } from './acknowledged.ts'
import { contentProblems } from './content.ts'
import { type Evidence, readEvidence } from './evidence.ts'
import { historyProblems } from './history.ts'
import { holdingProblems } from './holding.ts'
import { planProblems } from './plan.ts'
import { type Places, secretProblems } from './secrets.ts'

export interface Checked {
  readonly setup: Setup
  readonly script: Script
  readonly human: Human
  /** Tasks whose workers rewrote their branches. */
  readonly rewritten: ReadonlySet<string>
  readonly acknowledged: readonly Acknowledgement[]
  /** Every secret that there ever was. */
  readonly secrets: readonly string[]
  /** The server's answers to reads, by path. */
  readonly said: ReadonlyMap<string, string>
}

/** The cheap part, for every time that the server is down. */
export async function checkWhileDown(
  setup: Setup,
  acknowledged: readonly Acknowledgement[],
): Promise<readonly string[]> {
  const evidence = await readEvidence(setup.state, join(setup.root, 'evidence'))
  return [...acknowledgedProblems(evidence, acknowledged), ...holdingProblems(evidence)]
}

/** Everything, from the files, when the server has ended. */
export async function checkAtTheEnd(
  checked: Checked,
): Promise<{ readonly evidence: Evidence; readonly violations: readonly string[] }> {
  const { setup, script, human, rewritten, acknowledged } = checked
  const evidence = await readEvidence(setup.state, join(setup.root, 'evidence'))
  const hub = join(setup.state, 'hub.git')
  const { origin } = setup
  const { pushed, removal } = human
  const done = new Set(pushed.flatMap(({ ticked }) => ticked))
  const violations = [
    ...acknowledgedProblems(evidence, acknowledged),
    ...holdingProblems(evidence),
    ...planProblems(evidence, done),
    ...(await historyProblems(evidence, {
      hub,
      origin,
      branch: targetBranch,
      byHand: pushed.map(({ commit }) => commit),
      removal,
      rewritten,
    })),
    ...(await contentProblems(
      evidence,
      {
        origin,
        branch: targetBranch,
        tasks: script.tasks,
        lines: pushed.flatMap(({ commit, lines }) =>
          removal.commits.includes(commit) ? [] : lines,
        ),
        done,
        removed: new Set(removal.tasks),
      },
      join(setup.root, 'checked'),
    )),
    ...(await secretProblems(await ownSecrets(checked), await placesOf(checked, hub))),
  ]
  return { evidence, violations }
}

const ownSecretFiles = ['secret', 'operator-token', 'reader-token']

/** The credentials', and the server's own. */
async function ownSecrets({ setup, secrets }: Checked): Promise<readonly string[]> {
  const own = await Promise.all(
    ownSecretFiles.map((name) => readFile(join(setup.state, name), 'utf8')),
  )
  return [...secrets, ...own.map((text) => text.trim())]
}

/**
 * Everything that the server wrote, but where secrets belong: its own files, and what it put in
 * place for instances.
 */
async function placesOf({ setup, said }: Checked, hub: string): Promise<Places> {
  const own = new Set([...ownSecretFiles, 'instances'])
  const names = (await readdir(setup.state)).filter((name) => !own.has(name))
  const paths = [
    setup.serverLog,
    join(setup.root, 'evidence'),
    ...names.map((name) => join(setup.state, name)),
  ]
  return { paths, repositories: [hub, setup.origin], said }
}

/** Secrets in the pool as it is now. */
export async function secretsIn(setup: Setup): Promise<readonly string[]> {
  const directory = join(setup.config, 'credentials')
  const texts = await Promise.all(
    (await readdir(directory)).map((name) => readFile(join(directory, name), 'utf8')),
  )
  return texts.flatMap((text) => /[\w-]*rehearsal-\d+(?:-r\d+)?/.exec(text) ?? [])
}
