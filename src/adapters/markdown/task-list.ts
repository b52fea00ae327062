import type { List, ListItem, Nodes, RootContent } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item'
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item'
import type { ListedTask } from '../../core/text/task-list-diff.ts'
import type { ParsedList } from '../../ports/task-lists.ts'

/** Parses a task list as Markdown: task items at the top level count, everything else is prose. */
export function parseTaskList(markdown: string): ParsedList {
  const root = fromMarkdown(markdown, {
    extensions: [gfmTaskListItem()],
    mdastExtensions: [gfmTaskListItemFromMarkdown()],
  })
  const tasks: ListedTask[] = []
  const problems: string[] = []
  for (const item of root.children.filter(isList).flatMap((list) => list.children)) {
    if (typeof item.checked !== 'boolean') continue
    const read = readItem(item, markdown)
    if (typeof read === 'string') problems.push(read)
    else tasks.push(read)
  }
  return { tasks, problems }
}

const isList = (node: RootContent): node is List => node.type === 'list'

function readItem(item: ListItem, markdown: string): ListedTask | string {
  const [head, ...rest] = item.children
  const headline = head?.type === 'paragraph' ? source(head, markdown).split('\n') : []
  const [, id, title] = /^([^\s:]+):\s+(\S.*)$/.exec(withoutBox(headline[0] ?? '')) ?? []
  if (id === undefined || title === undefined) {
    return `line ${item.position?.start.line ?? 0}: an item reads "- [ ] id: title"`
  }
  const last = rest.at(-1)
  const depends =
    last?.type === 'paragraph' ? /^depends:\s*(.*)$/.exec(source(last, markdown))?.[1] : undefined
  const body = outdented([
    headline.slice(1).join('\n'),
    ...between(depends === undefined ? rest : rest.slice(0, -1), markdown),
  ])
  const dependsOn = (depends ?? '').split(/[\s,]+/).filter((other) => other !== '')
  return { id, title: title.trim(), body, dependsOn, isTicked: item.checked === true }
}

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
