import { join } from 'node:path'
import { git } from '../sample/repository.ts'
import { type Setup, targetBranch } from './setup.ts'
import { type Finding, finding } from './verify.ts'

/** What git says of the target branch after a run, at the origin and in the hub. */
export interface Publication {
  /** Both hold the same files with the same content. */
  readonly published: boolean
  /** Null when the branch cannot be read. */
  readonly originHead: string | null
  readonly hubHead: string | null
}

/** Asks git, not the server, whether the origin has what the hub has. */
export async function readPublication(
  setup: Pick<Setup, 'origin' | 'state'>,
): Promise<Publication> {
  const hub = join(setup.state, 'hub.git')
  const read = (repository: string, suffix: string): Promise<string | null> =>
    git(repository, 'rev-parse', '--verify', `refs/heads/${targetBranch}${suffix}`).catch(
      () => null,
    )
  const [originHead, hubHead] = [await read(setup.origin, ''), await read(hub, '')]
  const [ofOrigin, ofHub] = [await read(setup.origin, '^{tree}'), await read(hub, '^{tree}')]
  return { published: ofOrigin !== null && ofOrigin === ofHub, originHead, hubHead }
}

export const judgePublication = ({ published, originHead, hubHead }: Publication): Finding =>
  finding(
    'the origin has what the hub has',
    published
      ? []
      : [`the origin is at ${originHead ?? 'nothing'}, the hub at ${hubHead ?? 'nothing'}`],
  )
