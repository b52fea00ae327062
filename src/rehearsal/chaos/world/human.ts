import { join } from 'node:path'
import { receivePack } from '../../runner/origin-hook.ts'
import { type Setup, targetBranch } from '../../runner/setup.ts'
import { git } from '../../sample/repository.ts'
import type { Edit, Edited } from './edits.ts'
import { joinRemovals, type Removal, type Rewrite } from './removal.ts'

export interface Pushed extends Edited {
  readonly commit: string
}

const mostTries = 5

/**
 * A person who pushes to the same branch: to a file of their own, to the one that all workers
 * write, to the task lists.
 */
export class Human {
  readonly pushed: Pushed[] = []
  /** Histories that the server was to follow. */
  readonly followed: Rewrite[] = []
  readonly clone: string
  readonly #setup: Setup
  #isCloned = false

  constructor(setup: Setup) {
    this.#setup = setup
    this.clone = join(setup.root, 'human')
  }

  get removal(): Removal {
    return joinRemovals(this.followed)
  }

  /** Takes the origin's newest commits; returns its head. */
  async update(): Promise<string> {
    const { root, origin } = this.#setup
    if (!this.#isCloned)
      await git(root, 'clone', '--quiet', '--branch', targetBranch, origin, this.clone)
    this.#isCloned = true
    await git(this.clone, 'fetch', '--quiet', 'origin')
    await git(this.clone, 'reset', '--quiet', '--hard', `origin/${targetBranch}`)
    return git(this.clone, 'rev-parse', 'HEAD')
  }

  /**
   * Pushes an edit on top of what is there; null when others were faster every time, or there is
   * nothing to edit.
   */
  async push(message: string, edit: Edit): Promise<Pushed | null> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      await this.update()
      const edited = await edit(this.clone)
      if (edited === null) return null
      await git(this.clone, 'add', '--all')
      await git(this.clone, 'commit', '--quiet', '--message', message)
      const commit = await git(this.clone, 'rev-parse', 'HEAD')
      const isPushed = await this.pushHead().then(
        () => true,
        () => false,
      )
      if (!isPushed) continue
      const pushed = { ...edited, commit }
      this.pushed.push(pushed)
      return pushed
    }
    return null
  }

  /** Also to a frozen origin. */
  async pushHead(...more: readonly string[]): Promise<void> {
    const refs = `HEAD:refs/heads/${targetBranch}`
    await git(this.clone, 'push', '--quiet', receivePack, ...more, 'origin', refs)
  }
}
