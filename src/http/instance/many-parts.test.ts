import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openTeam, tokens } from '../../../test/support/hostile-team.ts'
import { one } from '../../../test/support/run.ts'
import { mostParts } from '../access/bound-parts.ts'

const many = (item: string): string =>
  Array(mostParts + 1)
    .fill(item)
    .join(',')
const keys = (): string => Array.from({ length: mostParts + 1 }, (_, n) => `"k${n}":0`).join(',')
const call = (name: string, args: string): string =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${args}}}`
const record = `{"logRecords":[${many('{}')}]}`

const fixture = join(import.meta.dirname, '../../../test/fixtures/claude/telemetry/logs.json')

async function send(url: string, payload: string) {
  await using team = openTeam({ credentials: 'file' })
  const before = team.dispatcher.state
  const { statusCode, body } = await team.app.inject({
    method: 'POST',
    url,
    payload,
    headers: {
      authorization: `Bearer ${tokens.tokenOf(one, 1)}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'x-launch': '1',
      'x-sequence': '1000',
    },
  })
  return { statusCode, body, isChanged: team.dispatcher.state !== before }
}

describe('a body of nothing but parts', () => {
  it.each([
    ['background tasks of a hook', '/hooks/Stop', `{"background_tasks":[${many('0')}]}`],
    ['keys of a hook', '/hooks/Stop', `{${keys()}}`],
    ['brackets of a hook', '/hooks/Stop', '['.repeat(mostParts + 1)],
    ['records of an export', '/otel/v1/logs', `{"resourceLogs":[{"scopeLogs":[${record}]}]}`],
    ['arguments of a tool', '/mcp', call('brief', `{${keys()}}`)],
    ['messages for tools', '/mcp', `[${many('0')}]`],
  ])('is refused before it is looked at: %s', async (_, url, payload) => {
    expect(await send(url, payload)).toEqual({
      statusCode: 400,
      body: '{"error":"the body has too many parts"}',
      isChanged: false,
    })
  })

  it('may be text with as many brackets', async () => {
    const prompt = '[{,\\"'.repeat(mostParts)
    expect(await send('/hooks/UserPromptSubmit', `{"prompt":"${prompt}"}`)).toMatchObject({
      statusCode: 200,
    })
  })

  it('may be the largest export of Claude Code: 512 records', async () => {
    const { resourceLogs } = JSON.parse(readFileSync(fixture, 'utf8')) as {
      readonly resourceLogs: { readonly scopeLogs: { readonly logRecords: object[] }[] }[]
    }
    const scope = resourceLogs[0]?.scopeLogs[0]
    const [richest] = (scope?.logRecords ?? []).toSorted(
      (a, b) => JSON.stringify(b).length - JSON.stringify(a).length,
    )
    if (scope === undefined || richest === undefined) throw new Error('there is no record')
    scope.logRecords.splice(0, Infinity, ...Array<object>(512).fill(richest))
    const payload = JSON.stringify({ resourceLogs: [{ ...resourceLogs[0], scopeLogs: [scope] }] })
    expect(await send('/otel/v1/logs', payload)).toMatchObject({ statusCode: 200 })
  })
})
