import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why no disk can be made here, null when one can. */
export const mountProblem: string | null = (() => {
  const directory = mkdtempSync(join(tmpdir(), 'mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', directory], { stdio: 'pipe' })
    execFileSync('umount', [directory])
    return null
  } catch (error) {
    return `mounting a tmpfs is not permitted here: ${String(error).split('\n')[0] ?? ''}`
  } finally {
    rmSync(directory, { recursive: true })
  }
})()

/** A disk of a few megabytes that a test fills up. */
export class SmallDisk implements Disposable {
  readonly path: string
  readonly #filler: string

  constructor(path: string, megabytes: number) {
    this.path = path
    this.#filler = join(path, 'filler')
    mkdirSync(path, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path])
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path)
    return bavail * bsize
  }

  resize(megabytes: number): void {
    this.#remount(megabytes * 1024 ** 2)
  }

  /** Takes away what is free but for some megabytes. */
  shrink(freeMegabytes: number): void {
    const { blocks, bfree, bsize } = statfsSync(this.path)
    this.#remount((blocks - bfree) * bsize + freeMegabytes * 1024 ** 2)
  }

  #remount(bytes: number): void {
    execFileSync('mount', ['-o', `remount,size=${bytes}`, this.path])
  }

  /** Takes what is left, to the last block; others may take a part meanwhile. */
  fill(): void {
    while (this.freeBytes > 0) {
      try {
        writeFileSync(this.#filler, Buffer.alloc(this.freeBytes), { flag: 'a' })
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      }
    }
  }

  free(): void {
    rmSync(this.#filler)
  }

  [Symbol.dispose](): void {
    execFileSync('umount', ['--lazy', this.path])
  }
}
