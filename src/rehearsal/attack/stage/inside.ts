import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

export interface Said {
  readonly code: number | null
  /** Output and errors. */
  readonly text: string
}

export interface Answer {
  /** 0 when no answer came. */
  readonly status: number
  readonly body: string
}

const environment = '. /usr/local/lib/orchestrator/environment.sh'
const timeoutMs = 120_000

/** The container of an instance, with the rights of its agent: its user, its token, its files. */
export class Inside {
  readonly instance: string
  readonly container: string

  constructor(instance: string, container: string) {
    this.instance = instance
    this.container = container
  }

  /** Runs a shell script. Its exit code says how it ended; null when it took two minutes. */
  async sh(script: string, input = ''): Promise<Said> {
    const argv = ['exec', '--interactive', this.container, 'sh', '-c']
    const child = spawn('docker', [...argv, `${environment}; exec 2>&1; ${script}`])
    child.stdin.on('error', () => undefined).end(input)
    const late = new AbortController()
    const output = text(child.stdout)
    const exit = once(child, 'exit').then(([code]) => code as number | null)
    const ended = await Promise.race([
      exit,
      delay(timeoutMs, 'late' as const, { signal: late.signal }).catch(() => null),
    ])
    late.abort()
    if (ended === 'late') child.kill('SIGKILL')
    return { code: await exit, text: (await output).trim() }
  }

  /** What a script prints that has to succeed. */
  async output(script: string, input = ''): Promise<string> {
    const { code, text: said } = await this.sh(script, input)
    if (code !== 0) throw new Error(`${this.instance} cannot run ${script}: ${said}`)
    return said
  }

  /** Sends a request to the server with the launch's token. */
  async post(path: string, body: string, headers: readonly string[] = []): Promise<Answer> {
    const words = [
      'Content-Type: application/json',
      'Accept: application/json, text/event-stream',
      'X-Protocol: 1',
      ...headers,
    ]
    const said = await this.sh(
      `curl -sS --max-time 60 -w '\\n%{http_code}' --data-binary @- ` +
        `-H "Authorization: Bearer $ORCHESTRATOR_TOKEN" -H "X-Launch: $LAUNCH" ` +
        `${words.map((word) => `-H '${word}'`).join(' ')} "$ORCHESTRATOR_URL${path}"`,
      body,
    )
    const lines = said.text.split('\n')
    const status = Number(lines.pop())
    return { status: Number.isNaN(status) ? 0 : status, body: lines.join('\n') }
  }

  /** Sends a hook by the tool of Claude Code's own hooks, in whose sequence it has to be. */
  async hook(event: string, payload: object): Promise<void> {
    const body = JSON.stringify({ hook_event_name: event, ...payload })
    await this.output(`/usr/local/lib/orchestrator/hook ${event}`, body)
  }

  /** Calls a tool of the server, and returns what it answered. */
  async tool(name: string, given: object = {}): Promise<string> {
    const params = { name, arguments: given }
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
    const { status, body } = await this.post('/mcp', JSON.stringify(call))
    const data = /^data: (.*)$/m.exec(body)?.[1] ?? body
    if (status !== 200) throw new Error(`the tool ${name} answers ${status}: ${body}`)
    const { result } = JSON.parse(data) as ToolAnswer
    return result?.content.map((part) => part.text).join('\n') ?? data
  }
}

interface ToolAnswer {
  readonly result?: { readonly content: readonly { readonly text: string }[] }
}
