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
