import type { Attack } from '../stage/attack.ts'
import { type OperatorRoute, operatorRoutes, sampleBody } from '../stage/operator-routes.ts'
import { rawRequest } from '../stage/raw-request.ts'

const login = '/api/v1/sessions'

/**
 * In the browser of an operator that is logged in, on another port of this machine: that is the
 * same site, so that the browser adds the cookie to each of its requests.
 */
export const sessionCookie: Attack = {
  id: 'session-cookie',
  from: 'a page',
  tries: 'reads and changes from another port, with the cookie of a login',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/http/access/roles.ts',
      find: 'if (caller.login !== null) requireOwnPage(request)',
      replace: 'if (caller.login === undefined) requireOwnPage(request)',
    },
  ],
  async run(stage) {
    const { url, token } = stage
    const { host, port } = new URL(url)
    const cookie = await logIn(url, token)
    const isLoggedIn = async (): Promise<boolean> => {
      const asked = { method: 'GET', path: `${login}/current`, headers: { host, cookie } }
      return (await rawRequest(url, asked)).status === 200
    }
    if (!(await isLoggedIn())) throw new Error('the cookie of the login does not count')
    const before = JSON.stringify((await stage.status()).hosts.allowed)
    const routes = await operatorRoutes()
    const changes = routes.filter(({ method }) => method !== 'GET')
    // Without a token or a cookie it is open, and this page has no token.
    const needCookie = changes.filter(({ method, path }) => method !== 'POST' || path !== login)
    const otherPort = `http://localhost:${Number(port) + 1}`
    const site = (mode: string, dest: string) => ({
      ...{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': mode, 'sec-fetch-dest': dest },
    })
    const kinds: readonly (readonly [
      Readonly<Record<string, string>>,
      readonly OperatorRoute[],
    ])[] = [
      [{ origin: otherPort, ...site('cors', 'empty') }, routes],
      [{ origin: otherPort }, routes],
      [{ origin: 'null', ...site('cors', 'empty') }, routes],
      [site('no-cors', 'script'), routes],
      [site('navigate', 'iframe'), routes],
      // Forms of old browsers, and what a person types.
      [{}, needCookie],
      [{ 'sec-fetch-site': 'none' }, needCookie],
    ]
    const got: string[] = []
    for (const [headers, asked] of kinds) {
      const won: string[] = []
      for (const { method, path } of asked) {
        const hasBody = method === 'POST'
        const type = hasBody ? { 'content-type': 'application/json' } : {}
        const { status } = await rawRequest(url, {
          ...{ method, path, headers: { host, cookie, ...headers, ...type } },
          ...(hasBody ? { body: JSON.stringify(sampleBody) } : {}),
        })
        if (status === 0) throw new Error(`${method} ${path} got no answer`)
        if (status !== 403) won.push(`${method} ${path} (${status})`)
      }
      if (won.length > 0) got.push(`${won.join(', ')} with ${JSON.stringify(headers)}`)
    }
    if (!(await isLoggedIn())) got.push('the login is over')
    const after = JSON.stringify((await stage.status()).hosts.allowed)
    return [...got, ...(before === after ? [] : [`the hosts ${after}`])]
  },
}

/** Logs a browser in; answers its cookie. */
async function logIn(url: string, token: string): Promise<string> {
  const answer = await fetch(url + login, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  })
  const [set = ''] = answer.headers.getSetCookie()
  if (answer.status !== 201) throw new Error(`the login is answered with ${answer.status}`)
  return set.replace(/;.*/, '')
}
