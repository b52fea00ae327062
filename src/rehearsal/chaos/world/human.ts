import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { receivePack } from '../../runner/origin-hook.ts'
import { git } from '../../sample/repository.ts'
import { indexPath } from '../../sample/module.ts'
import { type Setup, targetBranch } from '../../runner/setup.ts'
import { contestedPlace } from './contested-place.ts'

/** A line that must be on the target at the end, or none, and the commit that brought it. */
export interface Pushed {
  readonly commit: string
  readonly written: { readonly path: string; readonly line: string } | null
}

/** `contested`: a place of the index where the run has merged a line that the origin lacks. */
export type Place = 'readme' | 'direction' | 'index' | 'contested'

interface Edit {
  readonly message: string
  readonly apply: () => Promise<Pushed['written']>
}

const firstLine = '// Everything that the library offers.\n'
const mostTries = 5

/** A person with a clone, who pushes to the same branch, also while the origin refuses the run. */
export class Human {
  readonly pushed: Pushed[] = []
  readonly clone: string
  readonly #setup: Setup
  #isCloned = false

  constructor(setup: Setup) {
    this.#setup = setup
    this.clone = join(setup.root, 'human')
  }

  /** Adds one line; null when others were faster every time. */
  write(number: number, place: Place): Promise<Pushed | null> {
    return this.#push({
      message: `Say something by hand (${number})`,
      apply: () => this.#write(number, place),
    })
  }

  /** Null also when there is no such file. */
  delete(path: string): Promise<Pushed | null> {
    return this.#push({
      message: `Delete ${path}`,
      apply: async () => {
        await rm(join(this.clone, path), { force: true })
        return null
      },
    })
  }

  /** The head of the origin, which the clone now shows. */
  async update(): Promise<string> {
    const { root, origin } = this.#setup
    if (!this.#isCloned)
      await git(root, 'clone', '--quiet', '--branch', targetBranch, origin, this.clone)
    this.#isCloned = true
    await git(this.clone, 'fetch', '--quiet', 'origin')
    await git(this.clone, 'reset', '--quiet', '--hard', `origin/${targetBranch}`)
    return this.head()
  }

  head(): Promise<string> {
    return git(this.clone, 'rev-parse', 'HEAD')
  }

  /** False when the origin was no longer where the clone saw it. */
  async send(...options: readonly string[]): Promise<boolean> {
    const refs = `HEAD:refs/heads/${targetBranch}`
    return git(this.clone, 'push', '--quiet', receivePack, ...options, 'origin', refs).then(
      () => true,
      () => false,
    )
  }

  async #push({ message, apply }: Edit): Promise<Pushed | null> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      await this.update()
      const written = await apply()
      if ((await git(this.clone, 'status', '--porcelain')) === '') return null
      await git(this.clone, 'commit', '--quiet', '--all', '--message', message)
      const pushed = { commit: await this.head(), written }
      if (!(await this.send())) continue
      this.pushed.push(pushed)
      return pushed
    }
    return null
  }

  async #write(number: number, place: Place): Promise<Pushed['written']> {
    const isCode = place === 'index' || place === 'contested'
    const line = `${isCode ? '// ' : ''}Note ${number}: written by hand.`
    const path = isCode ? indexPath : place === 'readme' ? 'README.md' : 'PROJECT_DIRECTION.md'
    const file = join(this.clone, path)
    if (!isCode) {
      await appendFile(file, `\n${line}\n`)
      return { path, line }
    }
    const text = await readFile(file, 'utf8')
    const above = place === 'contested' ? await this.#contestedIn(text) : null
    // Otherwise far enough from the lines of the workers that no one is needed to merge it.
    const next =
      above === null
        ? text.replace(firstLine, `${line}\n${firstLine}`)
        : text.replace(`${above}\n`, `${above}\n${line}\n`)
    await writeFile(file, next)
    return { path, line }
  }

  async #contestedIn(text: string): Promise<string | null> {
    const hub = join(this.#setup.state, 'hub.git')
    return contestedPlace(text, await git(hub, 'show', `${targetBranch}:${indexPath}`))
  }
}
