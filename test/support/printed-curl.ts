import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import type { Stage } from '../scenarios/stage.ts'
import { openSurface, operatorToken } from './surface.ts'

/** The whole `curl` lines in what the server says, in order. */
export const printedCurls = (text: string): readonly string[] =>
  text.match(/curl -fsS -X [A-Z]+ -H "[^"]*"(?: -H '[^']*' -d (?:'[^']*'|\\')+)? \S+/g) ?? []

/** Has a shell read a printed line, and sends what `curl` would. */
export async function paste(app: FastifyInstance, line: string) {
  const instead = `curl() { printf '%s\\0' "$@"; }; cat() { echo '${operatorToken}'; }`
  const { stdout } = await promisify(execFile)('sh', ['-c', `${instead}; ${line}`])
  const words = stdout.split('\0').slice(0, -1)
  const after = (flag: string) => words.filter((_, index) => words[index - 1] === flag)
  const [payload] = after('-d')
  const headers: Readonly<Record<string, string>> = Object.fromEntries(
    after('-H').map((each) => each.split(': ') as [string, string]), // as `curlAt` writes them
  )
  const { statusCode, body } = await app.inject({
    method: after('-X')[0] as 'POST', // what the contract's routes have
    url: new URL(words.at(-1) ?? '').pathname,
    headers: { host: 'localhost', ...headers },
    ...(payload === undefined ? {} : { payload }),
  })
  return { statusCode, body }
}

/** Carries out the last printed line of a text. */
export async function carryOut(stage: Stage, text: string): Promise<number> {
  const { app } = openSurface(stage)
  const { statusCode } = await paste(app, printedCurls(text).at(-1) ?? '')
  await app.close()
  return statusCode
}
