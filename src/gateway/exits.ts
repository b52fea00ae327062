import { z } from 'zod'

/**
 * Tools with a version that the caller executes. Every other tool with a version runs at the
 * provider.
 */
const clientTools = /^(?:bash|text_editor|memory|computer|tool_search_tool_\w+)_\d{8}$/

/** Tools of the provider end in the date of their version. */
const versioned = /^[a-z][a-z0-9_]*_\d{8}$/

/** Blocks and tools without a version that make the provider fetch or run something. */
const exits = new Set(['mcp_toolset', 'container_upload', 'mcp_tool_use', 'server_tool'])

/** What a content block is filled from: only what the request itself contains. */
const foreignSources = new Set(['url', 'file'])

const object = z.record(z.string(), z.unknown())

/**
 * The first part of a request that would have the provider itself reach out: tools that it runs,
 * MCP servers that it connects to, containers, files that were uploaded before, addresses that it
 * fetches. Null for a request without one. Through these, an instance without a network could send
 * anything anywhere.
 *
 * Looks at the whole request, since tools may be added in the middle of a conversation, except for
 * what a model or a tool wrote freely: the input of a tool call and the schema of a tool.
 */
export function exitIn(request: unknown): string | null {
  const top = object.safeParse(request).data
  if (top === undefined) return null
  if (isSet(top['mcp_servers'])) return 'mcp_servers'
  if (isSet(top['container'])) return 'container'
  const tool = foreignTool(top['tools'])
  if (tool !== null) return tool
  // Its edits carry a version, too. They change only which part of the conversation counts.
  const { context_management: _, ...rest } = top
  return search(rest)
}

/** A tool that the caller does not execute, also under a name that no provider knows today. */
function foreignTool(tools: unknown): string | null {
  for (const tool of Array.isArray(tools) ? tools : []) {
    const type = object.safeParse(tool).data?.['type']
    if (typeof type !== 'string' || type === 'custom' || clientTools.test(type)) continue
    return type.slice(0, 100)
  }
  return null
}

/** Without recursion: a body may be nested deeper than the stack. */
function search(root: unknown): string | null {
  const open: unknown[] = [root]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue
    if (Array.isArray(value)) {
      for (const each of value) open.push(each ?? null)
      continue
    }
    const found = object.parse(value)
    const exit = exitOf(found)
    if (exit !== null) return exit
    for (const [key, part] of Object.entries(found)) {
      const isFree = (key === 'input' && found['type'] === 'tool_use') || key === 'input_schema'
      if (!isFree && part !== undefined) open.push(part)
    }
  }
  return null
}

function exitOf(value: Readonly<Record<string, unknown>>): string | null {
  const { type, source } = value
  if (isSet(value['mcp_servers'])) return 'mcp_servers'
  const from = object.safeParse(source).data?.['type']
  if (typeof from === 'string' && foreignSources.has(from)) return `a source of the type ${from}`
  if (typeof type !== 'string') return null
  if (exits.has(type)) return type
  return versioned.test(type) && !clientTools.test(type) ? type : null
}

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)
