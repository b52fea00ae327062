import type { Attack } from '../stage/attack.ts'
import { sampleBody, operatorRoutes } from '../stage/operator-routes.ts'
import { rawRequest } from '../stage/raw-request.ts'

/**
 * In the browser of an operator, who may have given it the token. Its requests carry the headers of
 * a browser on another origin, or the name of a page that was rebound to this machine.
 */
export const foreignPage: Attack = {
  id: 'foreign-page',
  from: 'a page',
  tries: 'reads and changes by requests with a foreign Host, Origin or site',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/http/server.ts',
      find: 'rejectForeignOrigins(app, () => (names ??= ownNames(deps.address())))',
      replace: 'void names',
    },
  ],
  async run(stage) {
    const { url, token } = stage
    const { host, port } = new URL(url)
    const authorization = `Bearer ${token}`
    const origins = [
      ...['https://evil.example', 'null', 'http://localhost', `https://${host}`],
      ...[`http://localhost:${Number(port) + 1}`, `http://${host}.evil.example`, 'file://'],
    ]
    const site = (mode: string, dest: string) => ({
      'sec-fetch-site': 'same-site',
      'sec-fetch-mode': mode,
      'sec-fetch-dest': dest,
    })
    const kinds: readonly Readonly<Record<string, string>>[] = [
      ...origins.map((origin) => ({ host, origin })),
      ...['evil.example', `evil.example:${port}`, `2130706433:${port}`, `0x7f.1:${port}`].map(
        (name) => ({ host: name }),
      ),
      ...[site('no-cors', 'image'), site('no-cors', 'script'), site('navigate', 'iframe')].map(
        (headers) => ({ host, ...headers }),
      ),
    ]
    const control = await rawRequest(url, {
      method: 'GET',
      path: '/status',
      headers: { host, authorization },
    })
    if (control.status !== 200) throw new Error(`the operator itself gets ${control.status}`)
    const before = JSON.stringify((await stage.status()).hosts.allowed)
    const got: string[] = []
    const routes = await operatorRoutes()
    for (const kind of kinds) {
      // A page can send text without asking first, and a rebound one JSON.
      for (const [type, held] of [
        ['text/plain', {}],
        ['application/json', { authorization }],
      ] as const) {
        const answers = await Promise.all(
          routes.map(async ({ method, path }) => {
            const hasBody = method === 'POST'
            const headers = { ...kind, ...held, ...(hasBody ? { 'content-type': type } : {}) }
            const body = hasBody ? { body: JSON.stringify(sampleBody) } : {}
            return {
              asked: `${method} ${path}`,
              ...(await rawRequest(url, { method, path, headers, ...body })),
            }
          }),
        )
        const lost = answers.find(({ status }) => status === 0)
        if (lost !== undefined) throw new Error(`${lost.asked} got no answer`)
        const won = answers.filter(({ status }) => status !== 403)
        const named = won.map(({ asked, status }) => `${asked} (${status})`)
        if (won.length > 0) got.push(`${named.join(', ')} with ${JSON.stringify(kind)}`)
      }
    }
    const after = JSON.stringify((await stage.status()).hosts.allowed)
    return [...got, ...(before === after ? [] : [`the hosts ${after}`])]
  },
}
