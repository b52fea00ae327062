import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { RuntimeKind } from './arguments.ts'

const run = promisify(execFile)

export interface ChosenRuntime {
  readonly kind: RuntimeKind
  /** Why it is not the one that is best, if it is not. */
  readonly remark: string | null
}

/**
 * Containers by default. Without an engine: processes, but neither in CI nor when containers were
 * asked for.
 */
export async function chooseRuntime(
  wanted: RuntimeKind | undefined,
  isCi: boolean,
): Promise<ChosenRuntime> {
  if (wanted === 'process') return { kind: 'process', remark: null }
  try {
    await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 })
    return { kind: 'docker', remark: null }
  } catch (error) {
    if (wanted === 'docker' || isCi) {
      throw new Error(
        'no Docker engine answers: start one, see `docker version`, or rehearse with --runtime process',
        { cause: error },
      )
    }
    return {
      kind: 'process',
      remark:
        'No Docker engine answers: the instances run as processes on this machine, without any boundary.',
    }
  }
}
