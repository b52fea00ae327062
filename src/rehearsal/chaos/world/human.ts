import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from '../../sample/repository.ts'
import { indexPath } from '../../sample/module.ts'
import { type Setup, targetBranch } from '../../runner/setup.ts'

export interface PushedLine {
  readonly path: string
  readonly line: string
  readonly commit: string
}

const firstLine = '// Everything that the library offers.\n'
const mostTries = 5

/**
 * A person who pushes to the same branch: to a file of their own, sometimes to the one that all
 * workers write.
 */
export class Human {
  readonly pushed: PushedLine[] = []
  readonly #setup: Setup
  readonly #clone: string
  #isCloned = false

  constructor(setup: Setup) {
    this.#setup = setup
    this.#clone = join(setup.root, 'human')
  }

  /**
   * Adds one line and pushes it, on top of what is there; null when others were faster every time.
   */
  async push(number: number, inSharedFile: boolean): Promise<PushedLine | null> {
    if (!this.#isCloned)
      await git(
        this.#setup.root,
        'clone',
        '--quiet',
        '--branch',
        targetBranch,
        this.#setup.origin,
        this.#clone,
      )
    this.#isCloned = true
    for (let tries = 0; tries < mostTries; tries += 1) {
      await git(this.#clone, 'fetch', '--quiet', 'origin')
      await git(this.#clone, 'reset', '--quiet', '--hard', `origin/${targetBranch}`)
      const line = inSharedFile ? await this.#editIndex(number) : await this.#editReadme(number)
      const path = inSharedFile ? indexPath : 'README.md'
      await git(
        this.#clone,
        'commit',
        '--quiet',
        '--all',
        '--message',
        `Say something by hand (${number})`,
      )
      const commit = await git(this.#clone, 'rev-parse', 'HEAD')
      const isPushed = await git(this.#clone, 'push', '--quiet', 'origin', targetBranch).then(
        () => true,
        () => false,
      )
      if (!isPushed) continue
      const pushed = { path, line, commit }
      this.pushed.push(pushed)
      return pushed
    }
    return null
  }

  async #editReadme(number: number): Promise<string> {
    const line = `Note ${number}: written by hand.`
    await appendFile(join(this.#clone, 'README.md'), `\n${line}\n`)
    return line
  }

  /** Far enough from the lines of the workers that no human is needed to merge it. */
  async #editIndex(number: number): Promise<string> {
    const line = `// Note ${number}: written by hand.`
    const path = join(this.#clone, indexPath)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace(firstLine, `${line}\n${firstLine}`))
    return line
  }
}
