import { OutdatedTool } from '../../../ports/outdated-tool.ts'
import type { Git } from './git.ts'

/**
 * 2.38 brought merges without a working tree. 2.39.1 bounds what it reads of `.gitattributes`,
 * which workers write: before, a crafted one could run code (CVE-2022-23521).
 */
const least = [2, 39, 1] as const

export async function requireGit(git: Git): Promise<void> {
  const { text } = await git(['version']).catch((cause: unknown) => {
    throw new Error(`git cannot be run: install git ${least.join('.')} or newer`, { cause })
  })
  if (isAtLeast(versionIn(text))) return
  throw new OutdatedTool(
    `"${text}" is too old to merge without a working tree (2.38), and to read what workers write ` +
      `(2.39.1): install git ${least.join('.')} or newer`,
  )
}

const versionIn = (text: string): readonly number[] =>
  /(\d+)\.(\d+)(?:\.(\d+))?/
    .exec(text)
    ?.slice(1)
    .map((part) => Number(part ?? 0)) ?? []

function isAtLeast(version: readonly number[]): boolean {
  for (const [position, number] of least.entries()) {
    const other = version[position] ?? 0
    if (other !== number) return other > number
  }
  return true
}
