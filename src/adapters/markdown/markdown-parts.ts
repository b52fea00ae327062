import type { RootContent } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item'
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item'

export interface MarkdownPart {
  readonly markdown: string
  /** The line of the whole text at which the part begins, from 1. */
  readonly firstLine: number
  readonly nodes: readonly RootContent[]
}

/**
 * Characters after which a part ends. The time of the parser grows with the square of a list's
 * length: a whole list of 1 MiB takes 40 s, and 2 s in parts of this size.
 */
const partLength = 16 * 1024

/** The text in parts, each of which but the first begins with an item of a list. */
export function* markdownParts(markdown: string): Generator<MarkdownPart> {
  let firstLine = 1
  for (let start = 0; start < markdown.length; ) {
    const { end, nodes } = nextPart(markdown, start)
    const part = markdown.slice(start, end)
    yield { markdown: part, firstLine, nodes }
    start = end
    firstLine += part.split('\n').length - 1
  }
}

/** A part ends before a line that is an item for the parser too, not in a comment or in code. */
function nextPart(markdown: string, start: number) {
  for (let length = partLength; ; length *= 2) {
    const item = /^[-*+] \[[ xX]\] .*$/gm
    item.lastIndex = start + length
    const found = item.exec(markdown)
    if (found === null) return { end: markdown.length, nodes: parse(markdown.slice(start)) }
    const nodes = parse(markdown.slice(start, item.lastIndex))
    const list = nodes.at(-1)
    const last = list?.type === 'list' ? list.children.at(-1) : undefined
    if (list?.type === 'list' && last?.position?.start.offset === found.index - start) {
      const before = { ...list, children: list.children.slice(0, -1) }
      return { end: found.index, nodes: [...nodes.slice(0, -1), before] }
    }
  }
}

/**
 * What is within a line is read as it stands. The time of its parser grows with the square of its
 * length: 20,000 characters of emphasis that never ends take 8 s.
 */
const inline = [
  'attention',
  'autolink',
  'characterEscape',
  'characterReference',
  'codeText',
  'hardBreakEscape',
  'htmlText',
  'labelEnd',
  'labelStartImage',
  'labelStartLink',
]

const parse = (markdown: string): readonly RootContent[] =>
  fromMarkdown(markdown, {
    extensions: [gfmTaskListItem(), { disable: { null: inline } }],
    mdastExtensions: [gfmTaskListItemFromMarkdown()],
  }).children
