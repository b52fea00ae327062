import { expect } from 'vitest'
import type { Stage } from '../scenarios/stage.ts'
import { openSurface, operatorToken } from './surface.ts'

/** Sends what a printed `curl` line would, without a shell. */
export async function carryOut(stage: Stage, text: string): Promise<number> {
  const [, method = '', rest = ''] = /curl -fsS -X (\w+) (.+)$/.exec(text) ?? []
  const [, payload] = /-d '([^']+)'/.exec(rest) ?? []
  const url = /http:\/\/127\.0\.0\.1:7700(\S+)/.exec(rest)?.[1] ?? ''
  expect(rest).toContain('-H "Authorization: Bearer $(cat /state/operator-token)"')
  const { app } = openSurface(stage)
  const { statusCode } = await app.inject({
    method: method as 'POST',
    url,
    headers: {
      host: 'localhost',
      authorization: `Bearer ${operatorToken}`,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(payload === undefined ? {} : { payload }),
  })
  await app.close()
  return statusCode
}
