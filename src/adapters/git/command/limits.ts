import type { Environment } from './environment.ts'

/** What one run of git may use. A limit that is absent does not apply. */
export interface Limits {
  /** What git and each of its children may allocate. The packs that it maps do not count. */
  readonly memoryBytes: number
  /** Processor time, which does not grow while git waits on a busy machine. */
  readonly cpuSeconds?: number
  /** No file that git writes grows beyond this size. */
  readonly fileBytes?: number
  /** After this time git and every process that it started are killed. */
  readonly seconds?: number
  /** What git may print. */
  readonly outputBytes: number
  /** Git is ended after this time without output. */
  readonly silenceMs: number
}

/**
 * For everything that reads the hub, which holds what workers made. A merge of 400,000 files takes
 * a second and a tenth of the memory. 64 MiB are a quarter of a million changed paths of usual
 * length.
 */
export const hubLimits: Limits = {
  memoryBytes: 1024 ** 3,
  cpuSeconds: 120,
  outputBytes: 64 * 1024 ** 2,
  silenceMs: 600_000,
}

/** What git prints besides its answer; a transfer prints progress and what the other side says. */
export const stderrBytes = 4 * 1024 ** 2

/** `ulimit` counts memory in KiB and files in blocks of 512 bytes. */
export function limitVariables(limits: Limits): Environment {
  const { memoryBytes, cpuSeconds, fileBytes, seconds } = limits
  return {
    MEMORY_LIMIT_KIB: String(Math.ceil(memoryBytes / 1024)),
    ...(cpuSeconds === undefined ? {} : { CPU_LIMIT_SECONDS: String(cpuSeconds) }),
    ...(fileBytes === undefined ? {} : { FILE_LIMIT_BLOCKS: String(Math.ceil(fileBytes / 512)) }),
    ...(seconds === undefined ? {} : { TIME_LIMIT_SECONDS: String(seconds) }),
  }
}

export type ExceededLimit = 'memory' | 'time' | 'output'

/** How a run of git ended that did not answer. */
export interface Ending {
  readonly isKilled: boolean
  readonly stderr: string
  readonly elapsedMs: number
}

/**
 * The limit that ended git, besides the output's, which the reader knows. Processor time never runs
 * faster than the clock, so a git that was killed before that had another cause.
 */
export function exceededLimit(limits: Limits, ending: Ending): ExceededLimit | null {
  if (outOfMemory.test(ending.stderr)) return 'memory'
  const { cpuSeconds } = limits
  const isLate = cpuSeconds !== undefined && ending.elapsedMs >= cpuSeconds * 1000
  return ending.isKilled && isLate ? 'time' : null
}

/** What the other side of a transfer says begins with `remote:`. */
const outOfMemory =
  /^(?:fatal|error): .*(?:out of memory|cannot allocate memory|unable to create (?:\w+ )?thread)/im

export function describeLimit(limits: Limits, exceeded: ExceededLimit): string {
  const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(0)} MiB`
  switch (exceeded) {
    case 'memory':
      return `needs more than ${mebibytes(limits.memoryBytes)} of memory`
    case 'time':
      return `needs more than ${limits.cpuSeconds ?? limits.seconds} s`
    case 'output':
      return 'prints too much'
  }
}
