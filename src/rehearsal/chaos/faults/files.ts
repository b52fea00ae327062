import { access, chmod, readFile, rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renewedSecret } from '../../runner/credentials.ts'
import { targetBranch } from '../../runner/setup.ts'
import type { View } from '../world/observer.ts'
import { succeeds } from '../world/command.ts'
import type { Inject, FaultContext } from '../world/fault-context.ts'

const fileOf = ({ setup }: FaultContext, credential: string): string =>
  join(setup.config, 'credentials', `${credential}.json`)

/** Nothing is held against the credential. */
const isUntroubled =
  (credential: string) =>
  ({ isReady, status }: View): boolean => {
    const found = status?.credentials.find(({ id }) => id === credential)
    return isReady && found !== undefined && ['fresh', 'leased', 'cooling'].includes(found.phase)
  }

/** A whole file takes the place of the last one. */
const replaced =
  (change: (text: string) => string): Inject =>
  async (scene, { victim }) => {
    const file = fileOf(scene, victim)
    await writeFile(`${file}.new`, change(await readFile(file, 'utf8')), { mode: 0o600 })
    await rename(`${file}.new`, file)
    return { isWhole: isUntroubled(victim) }
  }

export const rewriteCredential = replaced((text) => text)

/** The old secret stays good, as it does for a while after a rotation. */
export const rotateCredential = replaced((text) =>
  text.replace(/[\w-]*rehearsal-\d+(?:-r\d+)?/, (secret) => renewedSecret(secret, Date.now())),
)

/** Half of the file is there until the writer goes on. */
export const truncateCredential: Inject = async (scene, { victim }) => {
  const file = fileOf(scene, victim)
  const whole = await readFile(file, 'utf8')
  await truncate(file, Math.floor(whole.length / 2))
  return { heal: () => writeFile(file, whole), isWhole: isUntroubled(victim) }
}

/** Root reads everything: for root it is a mode that the server must refuse. */
export const hideCredential: Inject = async (scene, { victim }) => {
  const file = fileOf(scene, victim)
  await chmod(file, process.getuid?.() === 0 ? 0o644 : 0o000)
  return { heal: () => chmod(file, 0o600), isWhole: isUntroubled(victim) }
}

/** A lock whose owner is dead: only the server can remove it. */
export const leaveLock: Inject = async (scene, { dice }) => {
  const hub = join(scene.setup.state, 'hub.git')
  const names = [
    `refs/heads/${targetBranch}.lock`,
    'packed-refs.lock',
    'index.lock',
    'HEAD.lock',
    `refs/upstream/${targetBranch}.lock`,
  ]
  const lock = join(hub, names[Math.floor(dice * names.length)] ?? 'index.lock')
  if (!(await succeeds(writeFile(lock, '', { flag: 'wx' })))) return null
  return { isWhole: async () => !(await succeeds(access(lock))) }
}
