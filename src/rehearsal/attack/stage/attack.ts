import type { Stage } from './stage.ts'
import type { WorldName } from './worlds.ts'

/** An attempt to break what SECURITY.md says, on the running system. */
export interface Attack {
  /** As SECURITY.md names it. */
  readonly id: string
  /** Where the attacker is. */
  readonly from:
    | 'a worker'
    | 'a repository'
    | 'a page'
    | 'a local user'
    | 'an origin'
    | 'a download'
  /** What is tried, in half a sentence. */
  readonly tries: string
  /** The settings of the server that is attacked. */
  readonly world: WorldName
  /** Changes of the product that switch this one defence off, so that the attack wins. */
  readonly disarmedBy: readonly Edit[]
  /**
   * What the attacker got, a line for each thing; nothing when the defence held. Throws when the
   * attack could not be carried out, which proves neither.
   */
  readonly run: (stage: Stage) => Promise<readonly string[]>
}

export interface Edit {
  /** From the root of the project. */
  readonly file: string
  /** Text that occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
}
