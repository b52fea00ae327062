import { describe, expect, it } from 'vitest'
import { Stage } from '../../../test/scenarios/stage.ts'
import { planned } from '../../../test/support/run.ts'
import { openSurface, readerToken } from '../../../test/support/surface.ts'
import { refusal } from '../contract/refusal.ts'
import { statusView } from '../contract/status.ts'

const plan = ['a', 'b', 'c', 'd', 'e'].map((id) => planned(id))

async function ask(query: string) {
  const stage = await Stage.open({ plan })
  await stage.untilDone()
  const { app } = openSurface(stage)
  const headers = { authorization: `Bearer ${readerToken}` }
  const { statusCode, body } = await app.inject({ url: `/status${query}`, headers })
  await app.close()
  return { statusCode, body: JSON.parse(body) as unknown }
}

async function tasksOf(query: string) {
  const { statusCode, body } = await ask(query)
  expect(statusCode).toBe(200)
  const { tasks, moreTasksAfter } = statusView.parse(body)
  return { ids: tasks.map(({ id }) => id).join(''), moreTasksAfter }
}

describe('the status', () => {
  it.for([
    ['', 'abcde', null],
    ['?tasks=2', 'ab', 'b'],
    ['?tasks=2&after=b', 'cd', 'd'],
    ['?tasks=2&after=d', 'e', null],
    ['?tasks=5', 'abcde', null],
    ['?tasks=1&after=d', 'e', null],
    ['?after=c', 'de', null],
    ['?after=e', '', null],
  ] as const)('with the query "%s" shows the tasks %s', async ([query, ids, moreTasksAfter]) => {
    expect(await tasksOf(query)).toEqual({ ids, moreTasksAfter })
  })

  it.for([
    ['?tasks=0', 400, 'must be a number from 1 to 99999'],
    ['?tasks=many', 400, 'must be a number from 1 to 99999'],
    ['?page=2', 400, 'page'],
    ['?after=z', 404, '"after" names no task of the plan: z'],
  ] as const)('refuses the query "%s"', async ([query, status, words]) => {
    const { statusCode, body } = await ask(query)
    expect(statusCode).toBe(status)
    expect(refusal.parse(body).error).toContain(words)
  })
})
