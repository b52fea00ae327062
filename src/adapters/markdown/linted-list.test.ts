import fc from 'fast-check'
import { lint } from 'markdownlint/promise'
import { format } from 'prettier'
import { describe, expect, it } from 'vitest'
import { line, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../../core/model/ids.ts'
import { renderTaskLists, taskListPath } from '../../core/text/task-list.ts'
import { parseTaskList } from './task-list.ts'

const titles = [
  'Use __init__ and *stars* at the _end_',
  'Mend a_b_c, `x`  and <b>tags</b>: https://example.com/a_b?c=*d*',
  '# 1) A | title \\ with [brackets]',
]

/** What formatters and linters change or refuse, each one block. */
const blocks = [
  '|a|b|\n|-|:-:|\n| a long cell | x|',
  '* one\n* two\n   1) x\n   3) y\n\n\n* three',
  '*emphasis* at the *end*\n__init__ and __strong__',
  '<div>   <b>x</b></div>\n<!-- prettier-ignore-end -->',
  `A very long line: ${'word '.repeat(200)}`,
  'A hard break  \nand spaces at the end   ',
  'Heading\n=======\n\n#### Skipped a level ####\n## Trailing punctuation!',
  '~~~\ncode  \n\n\tmore\n~~~',
  '```js\nnever( closed )',
  '<!-- never closed',
  'See http://example.com and <http://example.org>.',
  '1. one\n1. two\n5. five',
  '    indented code\n\n\tand a tab',
  '> a quote\nand its end',
  'depends: what the body says',
  '---\n***\n___',
  '[link]: <http://example.com>  "title"\n[^1]: note',
  '- [ ] other: no task of its own\n- [x] nor this',
]

const listOf = (title: string, body: string, dependsOn: readonly TaskId[]): string => {
  const run = new Run({ workerCount: 1 }).planned([
    planned('base'),
    planned('x', { title, body, dependsOn }),
    planned('y', { dependsOn: [TaskId('x')] }),
  ])
  return renderTaskLists(run.state, line, TaskId('base'))[taskListPath(1)] ?? ''
}

const withoutTrailing = (text: string): string => text.replace(/[^\S\n]+$/gm, '').trim()

const nasty = fc.record({
  title: fc.constantFrom(...titles),
  body: fc.array(fc.constantFrom(...blocks), { maxLength: 4 }).map((parts) => parts.join('\n\n')),
  dependsOn: fc.constantFrom([], [TaskId('base')]),
})

describe('a task list of any text', () => {
  it('reads back as the same tasks', () => {
    fc.assert(
      fc.property(nasty, ({ title, body, dependsOn }) => {
        const { tasks, problems } = parseTaskList(listOf(title, body, dependsOn))
        expect(problems).toEqual([])
        expect(tasks.map(({ id }) => id)).toEqual(['base', 'x', 'y'])
        expect(tasks[1]).toMatchObject({ title, body: withoutTrailing(body), dependsOn })
      }),
    )
  })

  it('is left as it is by prettier, so that formatting is no edit', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, async ({ title, body, dependsOn }) => {
        const text = listOf(title, body, dependsOn)
        expect(await format(text, { parser: 'markdown' })).toBe(text)
      }),
      { numRuns: 30 },
    )
  })

  it('passes the default rules of markdownlint', async () => {
    const texts = blocks.map((body) => listOf(titles[0] ?? '', body, []))
    const strings = Object.fromEntries(texts.map((text, n) => [`${n}.md`, text]))
    const found = await lint({ strings })
    expect(Object.values(found).flat()).toEqual([])
  })

  it('keeps the rules of EditorConfig for whole files', () => {
    fc.assert(
      fc.property(nasty, fc.constantFrom('\n', '\r\n'), ({ title, body, dependsOn }, lineEnd) => {
        const text = listOf(title, body.replaceAll('\n', lineEnd), dependsOn)
        // charset = utf-8: well-formed, and without a byte order mark
        expect(Buffer.from(text).toString('utf8')).toBe(text)
        expect(text.startsWith('\uFEFF')).toBe(false)
        // end_of_line = lf, trim_trailing_whitespace, insert_final_newline
        expect(text).not.toContain('\r')
        expect(text).not.toMatch(/[^\S\n]$/m)
        expect(text).toMatch(/[^\n]\n$/)
      }),
    )
  })

  it('keeps the rules of EditorConfig for lines, unless the text of a task breaks them', () => {
    const body = 'Offer a function.\n\n- one\n- two'
    const lines = listOf('Convert miles', body, [TaskId('base')]).split('\n')
    const indents = lines.map((each) => /^\s*/.exec(each)?.[0] ?? '')
    // indent_style = space, indent_size = 2, max_line_length = 100
    expect(indents.filter((indent) => !/^(?: {2})*$/.test(indent))).toEqual([])
    expect(indents).toContain('  ')
    expect(lines.filter((each) => each.length > 100)).toEqual([])
  })

  it('begins with the comment by which editorconfig-checker leaves out a file', () => {
    for (const body of blocks)
      expect(listOf(titles[0] ?? '', body, []).split('\n')[0]).toBe(
        '<!-- editorconfig-checker-disable-file -->',
      )
  })
})
