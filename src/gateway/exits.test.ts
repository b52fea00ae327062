import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exitIn } from './exits.ts'

const message = (...content: object[]) => ({ messages: [{ role: 'user', content }] })
const tools = (...list: object[]) => ({ ...message({ type: 'text', text: 'hi' }), tools: list })

describe('a request of an instance without a network', () => {
  it.each<[string, object]>([
    ['web_fetch_20250910', tools({ type: 'web_fetch_20250910', name: 'web_fetch' })],
    ['web_search_20250305', tools({ type: 'web_search_20250305', name: 'web_search' })],
    ['code_execution_20250825', tools({ type: 'code_execution_20250825', name: 'code_execution' })],
    ['a_later_tool_20300101', tools({ type: 'a_later_tool_20300101', name: 'later' })],
    ['web_fetch_20250\uFFFD910', tools({ type: 'web_fetch_20250\uFFFD910', name: 'web_fetch' })],
    ['unheard', tools({ name: 'usual', input_schema: {} }, { type: 'unheard' })],
    ['mcp_toolset', tools({ type: 'mcp_toolset', mcp_server_name: 'x' })],
    ['mcp_servers', { ...message(), mcp_servers: [{ type: 'url', url: 'https://evil.example' }] }],
    ['container', { ...message(), container: 'container_1' }],
    ['container_upload', message({ type: 'container_upload', file_id: 'file_1' })],
    ['file', message({ type: 'document', source: { type: 'file', file_id: 'file_1' } })],
    ['url', message({ type: 'image', source: { type: 'url', url: 'https://evil.example/?x' } })],
    [
      'url',
      message({
        type: 'tool_result',
        tool_use_id: 't',
        content: [{ type: 'document', source: { type: 'url', url: 'https://evil.example' } }],
      }),
    ],
    [
      'web_search_20250305',
      {
        messages: [
          {
            role: 'system',
            content: [{ type: 'tools', tools: [{ type: 'web_search_20250305' }] }],
          },
        ],
      },
    ],
  ])('is refused when it lets the provider reach out: %s', (what, request) => {
    expect(exitIn(request)).toContain(what)
    expect(exitIn(JSON.parse(JSON.stringify(request)))).toContain(what)
  })

  it.each<[string, object]>([
    ['tools of Claude Code', tools({ name: 'Bash', input_schema: { type: 'object' } })],
    ['a tool of the caller', tools({ type: 'custom', name: 'Read' }, { type: 'bash_20250124' })],
    [
      'a picture in the request',
      message({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }),
    ],
    [
      'what a model wrote into a tool',
      message({
        type: 'tool_use',
        name: 'Write',
        input: { type: 'web_fetch_20250910', source: { type: 'url' }, mcp_servers: [1] },
      }),
    ],
    [
      'the schema of a tool',
      tools({ name: 'x', input_schema: { properties: { type: 'url', source: { type: 'url' } } } }),
    ],
    [
      'the management of the context',
      { ...message(), context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } },
    ],
    ['empty lists', { ...message(), mcp_servers: [], container: null }],
    ['text about it', message({ type: 'text', text: '{"type":"web_fetch_20250910"}' })],
  ])('passes with %s', (_, request) => {
    expect(exitIn(request)).toBeNull()
  })

  it('is refused wherever the tool hides, and never fails to be read', () => {
    const exit = { type: 'web_fetch_20250910', name: 'web_fetch' }
    const key = fc.string().filter((each) => !['input', 'input_schema', '__proto__'].includes(each))
    const path = fc.array(fc.oneof(key, fc.constant(null)), { maxLength: 30 })
    fc.assert(
      fc.property(path, (keys) => {
        const hidden = keys.reduceRight<unknown>(
          (value, name) => (name === null ? [0, value] : { [name]: value }),
          exit,
        )
        expect(exitIn({ messages: [], more: hidden })).not.toBeNull()
      }),
    )
    fc.assert(
      fc.property(fc.anything(), (request) => {
        exitIn(request)
      }),
    )
  })

  it('is read to its depth without the stack', () => {
    let deep: unknown = { type: 'web_fetch_20250910' }
    for (let level = 0; level < 200_000; level += 1) deep = [deep]
    expect(exitIn({ messages: deep })).toBe('web_fetch_20250910')
  })
})
