import type { List, ListItem, Nodes, RootContent } from 'mdast'
import type { ListedTask } from '../../core/text/task-list-diff.ts'
import { plainText } from '../../lib/plain-text.ts'
import type { ParsedList } from '../../ports/task-lists.ts'
import { markdownParts } from './markdown-parts.ts'

/**
 * Parses a task list as Markdown: task items at the top level count, everything else is prose.
 * Line endings of Windows read as those of Linux, and other control characters are left out.
 */
export function parseTaskList(text: string): ParsedList {
  const tasks: ListedTask[] = []
  const problems: string[] = []
  for (const { nodes, markdown, firstLine } of markdownParts(plainText(text))) {
    for (const item of nodes.filter(isList).flatMap((list) => list.children)) {
      if (typeof item.checked !== 'boolean') continue
      const read = readItem(item, markdown, firstLine)
      if (typeof read === 'string') problems.push(read)
      else tasks.push(read)
    }
  }
  return { tasks, problems }
}

const isList = (node: RootContent): node is List => node.type === 'list'

function readItem(item: ListItem, markdown: string, firstLine: number): ListedTask | string {
  const [head, ...rest] = item.children
  const headline = head?.type === 'paragraph' ? source(head, markdown).split('\n') : []
  const [, id, title] = /^([^\s:]+):\s+(\S.*)$/.exec(withoutBox(headline[0] ?? '')) ?? []
  if (id === undefined || title === undefined) {
    const line = firstLine + (item.position?.start.line ?? 1) - 1
    return `line ${line}: an item reads "- [ ] id: title"`
  }
  const second = dependsIn(headline[1])
  const last = rest.at(-1)
  const end =
    second === undefined && last?.type === 'paragraph'
      ? dependsIn(source(last, markdown))
      : undefined
  const depends = second ?? end
  const body = outdented([
    headline.slice(second === undefined ? 1 : 2).join('\n'),
    ...between(end === undefined ? rest : rest.slice(0, -1), markdown),
  ])
  const dependsOn = (depends ?? '').split(/[\s,]+/).filter((other) => other !== '')
  return { id, title: title.trim(), body, dependsOn, isTicked: item.checked === true }
}

/** The ids in the second line of an item, or in its last paragraph. */
const dependsIn = (text: string | undefined): string | undefined =>
  /^\s*depends:\s*(.*)$/.exec(text ?? '')?.[1]

const withoutBox = (line: string): string => line.replace(/^\[[ xX]\]\s+/, '')

/** The source between the first and the last node, so that blank lines and code keep their form. */
function between(nodes: readonly Nodes[], markdown: string): string[] {
  const first = nodes[0]?.position?.start
  const end = nodes.at(-1)?.position?.end.offset
  if (first?.offset === undefined || end === undefined) return []
  return [' '.repeat(first.column - 1) + markdown.slice(first.offset, end)]
}

const source = (node: Nodes, markdown: string): string =>
  markdown.slice(node.position?.start.offset, node.position?.end.offset)

function outdented(parts: readonly string[]): string {
  const lines = parts
    .filter((part) => part !== '')
    .join('\n\n')
    .split('\n')
  const indents = lines
    .filter((line) => line.trim() !== '')
    .map((line) => line.length - line.trimStart().length)
  const common = Math.min(...indents, 2)
  return lines
    .map((line) => line.slice(Math.min(common, line.length - line.trimStart().length)))
    .join('\n')
    .trim()
}
