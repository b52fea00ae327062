import { readFile, writeFile } from 'node:fs/promises'
import http, { type RequestListener } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { findLeftovers } from '../../src/rehearsal/runner/leftovers.ts'
import { createSetup } from '../../src/rehearsal/runner/setup.ts'
import { verify } from '../../src/rehearsal/runner/verify.ts'
import { git } from '../../src/rehearsal/sample/repository.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { scenarios } from '../../src/rehearsal/scenarios/scenarios.ts'
import { temporary } from '../integration/egress-hosts.ts'
import { serveGit } from '../integration/git-http.ts'
import {
  anAuthority,
  secretForms,
  startCompanyProxy,
  startSecure,
} from '../integration/outbound-stage.ts'
import { LiveServer } from '../support/live-server.ts'

const modelName = 'model.company-test.example'
const originName = 'git.company-test.example'

/** Hands every request on to the server at `url`. */
const forwardTo =
  (url: string): RequestListener =>
  (request, response) => {
    const onwards = http.request(new URL(request.url ?? '/', url), {
      method: request.method,
      headers: request.headers,
    })
    onwards.on('error', () => response.destroy())
    onwards.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    response.on('close', () => onwards.destroy())
    request.pipe(onwards)
  }

const secret = async (path: string, text: string): Promise<string> => {
  await writeFile(path, text, { mode: 0o600 })
  return path
}

describe('a network that lets out only what passes the company’s proxy', () => {
  it.for(['file', 'gateway'])('carries a whole run, with credentials: %s', async (credentials) => {
    const directory = temporary()
    const { seed, script } = makeSample(scenarios.plain, 4, 2)
    await using model = await startModel({
      host: '127.0.0.1',
      act: async (request) => answerAs(script, request),
    })
    const authority = anAuthority()
    const served = { origin: '' }
    const proxy = await startCompanyProxy({
      [`${modelName}:443`]: await startSecure(authority, modelName, forwardTo(model.url)),
      [`${originName}:443`]: await startSecure(authority, originName, (request, response) =>
        serveGit(served)(request, response),
      ),
    })
    await using setup = await createSetup({
      seed,
      workers: 2,
      runtime: 'docker',
      context: 'fresh',
      checks: [],
      modelUrl: `https://${modelName}`,
      settings: {
        credentials,
        repositoryUrl: `https://${originName}/origin.git`,
        upstreamProxy: await secret(join(directory, 'proxy-url'), proxy.url.href),
        caFile: authority.file,
      },
    })
    served.origin = setup.origin
    await using server = new LiveServer(setup)
    server.start('--stop-instances')
    const done = await server.statusWhen('done', (status) => status.run.phase === 'done')
    expect(await server.stop()).toBe(0)

    const tasks = script.tasks.map(({ id }) => ({ id, tries: 9 }))
    const { findings } = await verify(setup, { status: done, reported: [], tasks })
    const all = [...findings, ...(await findLeftovers(setup, 'docker', done))]
    expect(all.filter(({ problem }) => problem !== null)).toEqual([])
    const atOrigin = await git(setup.origin, 'log', '--format=%s', 'main')
    expect(atOrigin.split('\n').length).toBeGreaterThan(script.tasks.length)
    expect(new Set(proxy.passed)).toEqual(new Set([`${modelName}:443`, `${originName}:443`]))
    const log = await readFile(setup.serverLog, 'utf8')
    for (const form of secretForms) expect(log).not.toContain(form)
  })
})
