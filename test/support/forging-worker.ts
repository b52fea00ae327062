import fastify, { type FastifyInstance } from 'fastify'
import type { Command } from '../../src/core/model/command.ts'
import type { CredentialId, InstanceId, Instant } from '../../src/core/model/ids.ts'
import type { Policy } from '../../src/core/model/policy.ts'
import { LaunchTokens } from '../../src/engine/commands/launch-tokens.ts'
import { Dispatcher, type NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import { HandoffMeter } from '../../src/engine/observe/handoffs.ts'
import { answerErrors } from '../../src/http/access/refusal.ts'
import { hookRoutes } from '../../src/http/instance/hooks.ts'
import { createFakeStore } from '../fakes/store.ts'
import { manager, one, planned, Run, two } from './run.ts'

/**
 * A worker under an attacker's control, on the real hook routes, dispatcher and core. It sends the
 * hooks that it likes, and reads each credential that it is given. This class plays the runtime.
 */
export class ForgingWorker implements AsyncDisposable {
  /** The credentials whose secrets it has read. */
  readonly read = new Set<CredentialId>()
  readonly dispatcher: Dispatcher
  readonly #app: FastifyInstance
  readonly #tokens = new LaunchTokens('secret')
  readonly #waiting: Command[] = []
  #sequence = 1_000
  #at: Instant

  /** Two workers at work, and `spare` credentials that no instance holds. */
  constructor(spare: number, policy: Partial<Policy> = {}) {
    const run = new Run({ workerCount: 2, ...policy }, 3 + spare)
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .confirmed(two)
    this.#at = run.at
    const clock = { now: () => this.#at, alarm: () => ({ [Symbol.dispose]: () => undefined }) }
    this.dispatcher = new Dispatcher(createFakeStore(), clock, run.state, (commands) =>
      this.#waiting.push(...commands),
    )
    const { credential } = run.instance(one)
    if (credential !== null) this.read.add(credential)
    this.#app = fastify()
    answerErrors(this.#app)
    const { dispatcher } = this
    hookRoutes(this.#app, { dispatcher, tokens: this.#tokens, handoffs: new HandoffMeter() })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app.close()
    this.dispatcher[Symbol.dispose]()
  }

  get instance() {
    return this.#of(one)
  }

  /** A status line that says how far the windows are used. */
  async statusLine(usedPercent: number, resetsInMinutes: number): Promise<void> {
    const resets_at = Math.round(this.#at / 1_000) + resetsInMinutes * 60
    const five_hour = { used_percentage: usedPercent, resets_at }
    await this.hook('StatusLine', { rate_limits: { five_hour } })
  }

  async stopFailure(error: string, message: string, agent?: string): Promise<void> {
    await this.hook('StopFailure', {
      error,
      last_assistant_message: message,
      ...(agent === undefined ? {} : { agent_id: agent }),
    })
  }

  /** Sends a hook, and then what an honest Claude Code would, so that the next lie counts. */
  async hook(event: string, payload: object): Promise<void> {
    await this.#post(event, payload)
    this.goOn()
  }

  /** Lets the server do what it decided; the attacker answers all of it as an honest one would. */
  goOn(): void {
    for (let command = this.#waiting.shift(); command; command = this.#waiting.shift()) {
      if (command.type === 'replace-credential' || command.type === 'start-instance') {
        const { instance, launch, credential } = command
        if (instance === one) this.read.add(credential)
        const fact = { instance, launch }
        if (command.type === 'replace-credential') {
          this.#say({ type: 'credential-placed', ...fact, credential })
          this.#say({ type: 'settings-read', ...fact })
        } else {
          this.#say({ type: 'session-started', source: 'startup', ...fact })
          this.#say({ type: 'tools-listed', ...fact })
        }
      }
      if (command.type === 'send-prompt') {
        const { instance, launch, prompt } = command
        const { text } = prompt
        this.#say({ type: 'prompt-confirmed', text, instance, launch })
      }
      if (command.type === 'clear-conversation') {
        const { instance, launch } = command
        this.#say({ type: 'session-started', source: 'clear', instance, launch })
      }
    }
  }

  /** Time passes; each honest instance is at work and shows it. */
  later(ms: number): void {
    this.#at += ms
    for (const honest of [two, manager])
      this.#say({ type: 'sign-of-life', instance: honest, launch: this.#of(honest).launch })
    this.#say({ type: 'clock-ticked' })
    this.goOn()
  }

  async #post(event: string, payload: object): Promise<void> {
    this.#sequence += 1
    const { launch } = this.#of(one)
    await this.#app.inject({
      method: 'POST',
      url: `/hooks/${event}`,
      payload: { hook_event_name: event, ...payload },
      headers: {
        authorization: `Bearer ${this.#tokens.tokenOf(one, launch)}`,
        'x-launch': String(launch),
        'x-sequence': String(this.#sequence),
        'x-protocol': '1',
      },
    })
  }

  #say(event: NewEvent): void {
    this.dispatcher.dispatch(event)
  }

  #of(id: InstanceId) {
    const found = this.dispatcher.state.instances.get(id)
    if (!found) throw new Error(`there is no instance ${id}`)
    return found
  }
}
