import type { FastifyInstance, InjectOptions } from 'fastify'

type Headers = Readonly<Record<string, string>>

/** A browser with one cookie, on a page of the server at the default port. */
export class Browser {
  readonly #app: FastifyInstance
  readonly #own: Headers
  readonly #remoteAddress: string
  /** As in the header Cookie; empty without one. */
  cookie = ''

  constructor(app: FastifyInstance, own: Headers = {}, remoteAddress = '127.0.0.1') {
    this.#app = app
    this.#own = { host: 'localhost', origin: 'http://localhost', ...own }
    this.#remoteAddress = remoteAddress
  }

  /** Sends a request and takes the cookie of the answer; an empty header is left out. */
  async ask(method: 'GET' | 'POST' | 'DELETE', url: string, more: InjectOptions = {}) {
    const all = { ...this.#own, cookie: this.cookie, ...(more.headers as Headers | undefined) }
    const headers = Object.fromEntries(Object.entries(all).filter(([, text]) => text !== ''))
    const remoteAddress = this.#remoteAddress
    const answer = await this.#app.inject({ remoteAddress, ...more, method, url, headers })
    const set = [answer.headers['set-cookie'] ?? []].flat()
    if (set.length > 1) throw new Error(`${url} set ${set.length} cookies`)
    for (const each of set) this.cookie = /Max-Age=0;/.test(each) ? '' : each.replace(/;.*/, '')
    return { status: answer.statusCode, body: answer.body, headers: answer.headers, set: set[0] }
  }

  login(token: string) {
    return this.ask('POST', '/api/v1/sessions', { payload: { token } })
  }

  current() {
    return this.ask('GET', '/api/v1/sessions/current')
  }
}
