import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { planned } from '../../../../test/support/run.ts'
import { openSurface, operatorToken } from '../../../../test/support/surface.ts'
import { Stage } from '../../../../test/scenarios/stage.ts'
import { routes } from '../../contract/routes.ts'
import { curlAt } from './curl.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "person's state "))
})
afterEach(() => rm(directory, { recursive: true }))

/** What the shell passes to curl when a person pastes the line. */
async function argumentsOf(line: string): Promise<readonly string[]> {
  const curl = `curl() { printf '%s\\0' "$@"; }`
  const { stdout } = await promisify(execFile)('sh', ['-c', `${curl}; ${line}`])
  return stdout.split('\0').slice(0, -1)
}

describe('the command line of a route', () => {
  it('is one that the shell and the server accept as it is', async () => {
    const tokenFile = join(directory, 'operator-token')
    await writeFile(tokenFile, `${operatorToken}\n`)
    const curl = curlAt(() => ({ url: 'http://127.0.0.1:7700/', tokenFile }))
    const [, , method, , header = '', url = ''] = await argumentsOf(curl(routes.completePlan))
    expect(method).toBe('POST')

    const { app } = openSurface(await Stage.open({ plan: [planned('a')] }))
    const [name = '', value] = header.split(': ')
    const answer = await app.inject({
      method: 'POST',
      url: new URL(url).pathname,
      headers: { host: 'localhost', [name]: value },
    })
    // Without a token it would be 401, on a wrong path 404.
    expect(answer.statusCode).toBe(409)
    expect(answer.json()).toEqual({ error: 'the run is planning' })
    await app.close()
  })
})
