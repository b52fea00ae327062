import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Receiver } from './tools-receiver.ts'
import { runTool } from './tools-run.ts'

export const token = 'secret-of-this-launch'

/** A server that receives hooks, and an outbox from which the hook client sends to it. */
export class HookStage {
  readonly outbox = mkdtempSync(join(tmpdir(), 'outbox-'))
  readonly server = new Receiver()

  static async open(): Promise<HookStage> {
    const stage = new HookStage()
    await stage.server.start()
    return stage
  }

  async close(): Promise<void> {
    await this.server.stop()
    rmSync(this.outbox, { recursive: true, force: true })
  }

  environment(launch = 1) {
    return {
      ORCHESTRATOR_OUTBOX: this.outbox,
      ORCHESTRATOR_URL: `http://127.0.0.1:${this.server.port}`,
      ORCHESTRATOR_TOKEN: token,
      LAUNCH: String(launch),
    }
  }

  hook(n: number, launch = 1) {
    return runTool('hook', ['Stop'], this.environment(launch), JSON.stringify({ n }))
  }

  drain() {
    return runTool('hook', ['--drain'], this.environment())
  }

  undelivered(): readonly string[] {
    return readdirSync(this.outbox).filter((name) => name.endsWith('.json'))
  }
}

export function isRising(numbers: readonly number[]): boolean {
  return numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? Infinity))
}
