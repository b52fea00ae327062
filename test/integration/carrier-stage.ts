import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { runTool } from './tools-run.ts'

export const token = 'secret-of-this-launch'

const program = join(import.meta.dirname, '../../src/carrier/main.ts')
const patience = { timeout: 60_000, interval: 5 }

/** The carrier of an instance, whose server listens on `serverPort`. */
export class CarrierStage {
  readonly outbox = mkdtempSync(join(tmpdir(), 'carrier-'))
  /** Tools that the server may ask to run. */
  readonly tools = mkdtempSync(join(tmpdir(), 'carrier-tools-'))
  readonly port: number
  readonly #token: string
  #child: ChildProcess | null = null

  private constructor(port: number, bearer: string) {
    this.port = port
    this.#token = bearer
    execFileSync('mkfifo', [join(this.outbox, 'spooled')])
  }

  static async open(serverPort: number, bearer = token): Promise<CarrierStage> {
    const stage = new CarrierStage(await freePort(), bearer)
    await stage.start(serverPort)
    return stage
  }

  async start(serverPort: number, launch = 1): Promise<void> {
    const env = this.environment(serverPort, launch)
    this.#child = spawn(process.execPath, [program, this.tools], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    await vi.waitFor(() => canConnect(this.port), patience)
  }

  /** Kills it, as an agent may do at any time. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  async close(): Promise<void> {
    await this.kill()
    for (const directory of [this.outbox, this.tools])
      rmSync(directory, { recursive: true, force: true })
  }

  environment(serverPort: number, launch: number) {
    return {
      ORCHESTRATOR_OUTBOX: this.outbox,
      ORCHESTRATOR_URL: `http://127.0.0.1:${serverPort}`,
      ORCHESTRATOR_TOKEN: this.#token,
      ORCHESTRATOR_WORKSPACE: this.outbox,
      ORCHESTRATOR_CARRIER: `http://127.0.0.1:${this.port}`,
      LAUNCH: String(launch),
    }
  }

  /** What Claude Code does with a hook of the type `http`; resolves with the answer. */
  async hook(n: number, changes: object = {}): Promise<unknown> {
    return await this.post('/hooks/Stop', { n, ...changes })
  }

  async post(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    return await response.json()
  }

  /** What Claude Code does with a hook of the type `command`. */
  spool(n: number) {
    // It starts no process: there is no program to find.
    const variables = { ...this.environment(0, 1), PATH: '/nowhere' }
    return runTool('spool', ['SessionStart'], variables, `${JSON.stringify({ n })}\n`)
  }

  undelivered(): readonly string[] {
    return readdirSync(this.outbox).filter((name) => name.endsWith('.json'))
  }
}

async function canConnect(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
