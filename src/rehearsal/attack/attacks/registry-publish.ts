import { randomUUID } from 'node:crypto'
import type { Attack } from '../stage/attack.ts'
import { runInside } from '../stage/run-inside.ts'

/** In the attacker's container: writes, and reads what is no package. Returns each answer. */
async function attempt({ name }: { readonly name: string }) {
  const { request } = await import('node:http')
  const { execFileSync } = await import('node:child_process')
  const { mkdirSync, writeFileSync } = await import('node:fs')
  const base = '/registry/npm/'
  const ask = (method: string, path: string, headers: Readonly<Record<string, string>> = {}) =>
    new Promise<{ readonly asked: string; readonly status: number }>((resolve, reject) => {
      const sent = { authorization: 'Bearer attacker', ...headers }
      const port = 7700
      const to = request({ host: '127.0.0.1', port, method, path, headers: sent }, (answer) => {
        answer.resume()
        resolve({ asked: `${method} ${path}`, status: answer.statusCode ?? 0 })
      })
      to.on('error', reject)
      to.end(['PUT', 'POST', 'PATCH'].includes(method) ? '{"stolen":true}' : undefined)
    })
  const control = await ask('GET', `${base}${name}`)
  const answers = []
  for (const method of ['PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS'])
    for (const path of [name, `-/user/org.couchdb.user:${name}`, `${name}/-rev/1`])
      answers.push(await ask(method, `${base}${path}`))
  const override = { 'x-http-method-override': 'PUT', 'x-http-method': 'PUT' }
  await ask('GET', `${base}${name}?write=true`, override).then((each) => answers.push(each))
  const paths = ['-/whoami', '-/v1/search?text=a', '-/npm/v1/tokens', '..%2fother', '%2e%2e/other']
  for (const path of [...paths, '/evil.example/a', 'http://evil.example/a', '@a%252fb', 'a%00'])
    answers.push(await ask('GET', `${base}${path}`))
  const directory = `/tmp/${name}`
  mkdirSync(directory)
  writeFileSync(`${directory}/package.json`, JSON.stringify({ name, version: '1.0.0' }))
  const registry = `//127.0.0.1:7700${base}`
  const words = [`--registry=http:${registry}`, `--${registry}:_authToken=attacker`]
  let published = 'npm publish succeeded'
  try {
    const usual = ['publish', '--access=public', '--fetch-retries=0', '--no-update-notifier']
    const options = { cwd: directory, stdio: 'pipe', timeout: 60_000 } as const
    execFileSync('npm', [...usual, ...words], options)
  } catch (error) {
    published = String((error as { readonly stderr?: unknown }).stderr)
  }
  return { control, answers, published }
}

export const registryPublish: Attack = {
  id: 'registry-publish',
  from: 'a worker',
  tries: 'publishes a package, and asks the registry for what is no package',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/registry/registry.ts',
      find: "if (request.method !== 'GET' && request.method !== 'HEAD') return await refuseWriting(reply)",
      replace: '',
    },
    // Without this, the registry would only be read.
    {
      file: 'src/registry/registry.ts',
      find: "const method = request.method === 'HEAD' ? 'HEAD' : 'GET'",
      replace: 'const method = request.method',
    },
  ],
  async run({ attacker, registry }) {
    const name = `stolen-${randomUUID()}`
    const before = registry.asked.length
    const { control, answers, published } = await runInside(attacker, attempt, { name })
    const [first, ...reached] = registry.asked.slice(before)
    if (control.status !== 200 || first !== `GET /${name}`)
      throw new Error(`the route answers ${control.status} for a package`)
    const isRefused = /E405|405 Method/.test(published)
    if (!isRefused && !/succeeded/.test(published))
      throw new Error(`npm publish was not refused by the route: ${published}`)
    return [
      ...answers
        .filter(({ status }) => status !== 404 && status !== 405)
        .map(({ asked, status }) => `${status} for ${asked}`),
      ...(isRefused ? [] : [published]),
      // npm looks at the package before it publishes it, and at its own newest version.
      ...reached
        .filter((asked) => !/^GET \/[\w-]+$/.test(asked))
        .map((asked) => `to the registry: ${asked}`),
    ]
  },
}
