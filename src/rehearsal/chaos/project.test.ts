import { describe, expect, it } from 'vitest'
import { makeProject } from './project.ts'

const order = { seed: 1, keep: false, json: false }

describe('the project of a chaos run', () => {
  it('has more tasks than its workers can do in the time, offered in whole nines', () => {
    const { script } = makeProject({ ...order, minutes: 20, workers: 4 }, () => true)
    expect(script.tasks.length).toBeGreaterThan(20 * 4 * 5)
    expect(script.growth?.batch).toBe(9)
    expect(
      makeProject({ ...order, minutes: 1, workers: 20 }, () => true).script.growth?.batch,
    ).toBe(27)
  })

  it('is planned at once when the number of its tasks is given', () => {
    const { script } = makeProject({ ...order, minutes: 20, workers: 4, tasks: 12 }, () => true)
    expect(script.tasks).toHaveLength(12)
    expect(script.growth).toBeUndefined()
  })

  it('has tasks that collide, that ask, and that wait for others, each with its partner in the same batch', () => {
    const { tasks, growth } = makeProject({ ...order, minutes: 5, workers: 3 }, () => true).script
    const batchOf = (id: string) =>
      Math.floor(tasks.findIndex((task) => task.id === id) / (growth?.batch ?? 1))
    const habits = new Set(tasks.map(({ habit }) => habit.type))
    const odd = ['collides', 'squashes', 'asks', 'forgets-report', 'forgets-commit']
    expect(habits).toEqual(new Set(['diligent', ...odd]))
    expect(tasks.some(({ dependsOn }) => dependsOn.length > 0)).toBe(true)
    for (const { id, dependsOn, habit } of tasks) {
      const partners = [...dependsOn, ...(habit.type === 'collides' ? habit.others : [])]
      expect(partners.map(batchOf)).toEqual(partners.map(() => batchOf(id)))
    }
  })
})
