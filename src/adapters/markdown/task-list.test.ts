import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { line, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../../core/model/ids.ts'
import { renderTaskLists, taskListPath } from '../../core/text/task-list.ts'
import { parseTaskList } from './task-list.ts'

describe('a task list', () => {
  it('is read as a human writes it', () => {
    const { tasks, problems } = parseTaskList(
      '# Tasks\n\n- [ ] add-slug: Add `slug`\n  First line.\n\n  ```js\n  if (a) {\n    b()\n  }\n  ```\n\n  depends: base, other\n* [x] base: The base\n',
    )
    expect(problems).toEqual([])
    expect(tasks).toEqual([
      {
        id: 'add-slug',
        title: 'Add `slug`',
        body: 'First line.\n\n```js\nif (a) {\n  b()\n}\n```',
        dependsOn: ['base', 'other'],
        isTicked: false,
      },
      { id: 'base', title: 'The base', body: '', dependsOn: [], isTicked: true },
    ])
  })

  it('names the line of an item that is none', () => {
    expect(parseTaskList('- [ ] no id here\n').problems).toEqual([
      'line 1: an item reads "- [ ] id: title"',
    ])
  })

  it('is read the same with the line endings of Windows and without control characters', () => {
    const { tasks } = parseTaskList('- [ ] a: T\u0000itle\u001b[2J\r\n\r\n  one\r\n  two\r\n')
    expect(tasks).toMatchObject([{ id: 'a', title: 'Title[2J', body: 'one\ntwo' }])
  })

  it('may be as long as a thousand tasks, with comments and code that hold items', () => {
    const id = (number: number): string => `task-${number}`
    const item = (number: number): string =>
      `- [ ] ${id(number)}: A title\n\n  ${'Some words. '.repeat(20)}\n\n`
    const items = (from: number): string =>
      Array.from({ length: 500 }, (_, n) => item(from + n)).join('')
    const hidden = `<!--\n${items(2_000)}-->\n\n\`\`\`\n${items(3_000)}\`\`\`\n\n`
    const text = `# Tasks\n\n${items(0)}${hidden}${items(500)}- [ ] none\n`
    const { tasks, problems } = parseTaskList(text)
    expect(tasks.map((task) => task.id)).toEqual(Array.from({ length: 1_000 }, (_, n) => id(n)))
    const line = text.split('\n').length - 1
    expect(problems).toEqual([`line ${line}: an item reads "- [ ] id: title"`])
  })

  // Each takes far longer than the time limit of a test when a step takes the square of a length.
  it.each([
    ['spaces', `a${' '.repeat(19_998)}b`, 30],
    ['emphasis that never ends', '*a_'.repeat(6_666), 8],
  ])('renders and reads the longest bodies of %s', (_, text, count) => {
    const ids = Array.from({ length: count }, (__, n) => `t${n}`)
    const run = new Run({ workerCount: 1 }).planned(ids.map((id) => planned(id, { body: text })))
    const rendered = renderTaskLists(run.state, line, null)[taskListPath(1)] ?? ''
    const { tasks } = parseTaskList(rendered)
    expect(tasks.map(({ body }) => body)).toEqual(ids.map(() => text))
  })

  it('reads back whatever the server renders', () => {
    const words = fc.stringMatching(/^[A-Za-z0-9 _`.,()-]{1,40}$/).map((text) => `w${text}`.trim())
    const body = fc.array(words, { maxLength: 5 }).map((lines) => lines.join('\n\n'))
    fc.assert(
      fc.property(words, body, fc.boolean(), (title, text, hasDependency) => {
        const dependsOn = hasDependency ? [TaskId('base')] : []
        const run = new Run({ workerCount: 1 }).planned([
          planned('base'),
          planned('x', { title, body: text, dependsOn }),
        ])
        const rendered = renderTaskLists(run.state, line, TaskId('base'))[taskListPath(1)] ?? ''
        expect(parseTaskList(rendered)).toEqual({
          tasks: [
            { id: 'base', title: 'Build base', body: '', dependsOn: [], isTicked: true },
            { id: 'x', title, body: text, dependsOn, isTicked: false },
          ],
          problems: [],
        })
      }),
    )
  })
})
