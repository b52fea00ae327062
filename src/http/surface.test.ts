import { describe, expect, it } from 'vitest'
import { quota } from '../../test/support/limits.ts'
import { expectView } from '../../test/support/contract.ts'
import { planned } from '../../test/support/run.ts'
import { askEveryRoute, openSurface, operatorToken, statusOf } from '../../test/support/surface.ts'
import { worksWell } from '../../test/scenarios/agents.ts'
import { Stage, type WorkerTurn } from '../../test/scenarios/stage.ts'
import { eventView } from './contract/event.ts'
import { refusal } from './contract/refusal.ts'
import { routes } from './contract/routes.ts'
import { statusView } from './contract/status.ts'
import { viewEvent } from './operator/views/event.ts'

const ofInstances = /^\S+ \/(?:hooks|mcp|tool-runs|otel|gateway)\b/

describe('the operator surface', () => {
  it('has exactly the routes of the contract', async () => {
    const { app, registered } = openSurface(await Stage.open({ plan: [] }))
    await app.ready()
    const served = registered.filter((each) => !ofInstances.test(each) && !each.startsWith('HEAD '))
    const contract = Object.values(routes).map(({ method, path }) => `${method} ${path}`)
    expect(served.toSorted()).toEqual(contract.toSorted())
    await app.close()
  })

  it('answers every route as the contract says, refusals included', async () => {
    let asked: Readonly<Record<string, number>> = {}
    const stage = await Stage.open({
      plan: [planned('a'), planned('b')],
      spare: 1,
      work: async (turn) => {
        if (turn.task === 'a' && turn.count === 1) {
          const { app } = openSurface(turn.stage)
          asked = await askEveryRoute(app)
          await app.close()
        }
        await worksWell(turn)
      },
    })
    await stage.until(() => Object.keys(asked).length > 0)
    const ok = ['alive', 'ready', 'health', 'version', 'metrics', 'rootStatus', 'status']
    const changes = [
      'completePlan',
      'cancelTask',
      'moveInstance',
      'disableCredential',
      'enableCredential',
    ]
    const [statuses, expected] = [asked, [...ok, 'credentials', 'backups', ...changes]]
    expect(expected.filter((name) => statuses[name] !== 200)).toEqual([])
    // The run waits for no origin, the plan needs no approval, the task no answer of any kind, and
    // the credential has no cooldown.
    for (const name of [
      'acceptRun',
      'answerRewrite',
      'approvePlan',
      'answerTask',
      'answerProtected',
      'forgetCooldown',
    ])
      expect(statuses[name]).toBe(409)
  })

  it('answers /health and /readyz as the contract says while the server cannot work', async () => {
    const { app } = openSurface(await Stage.open({ plan: [] }), {
      troubles: () => [{ text: 'the server is starting', publicText: 'it starts' }],
      warnings: () => [{ text: 'only 12 MiB are free in /state', publicText: 'a warning' }],
    })
    expect(await askEveryRoute(app)).toMatchObject({ health: 503, ready: 503, alive: 200 })
    await app.close()
  })

  it('shows every state and every event of an eventful run as the contract says', async () => {
    const problems: unknown[] = []
    const seen = new Set<string>()
    const stage = await Stage.open({ plan: eventfulPlan, work: eventfully, spare: 1 })
    stage.dispatcher.subscribe(({ entry }) => {
      const status = statusOf(stage)
      const event = viewEvent(entry)
      for (const { phase } of [...status.instances, ...status.tasks]) seen.add(phase)
      seen.add(event.type)
      try {
        expectView(statusView, status)
        expectView(eventView, event)
      } catch (error) {
        problems.push(error)
      }
    })
    await stage.untilDone()
    expect(problems).toEqual([])
    const phases = ['limited', 'resting', 'blocked', 'merged', 'stopped']
    const events = ['turn-failed', 'instance-lost', 'task-answered', 'merge-landed']
    expect([...seen]).toEqual(expect.arrayContaining([...phases, ...events]))
  })

  it('refuses what is not the operator and what is not there, as the contract says', async () => {
    const { app } = openSurface(await Stage.open({ plan: [] }))
    const ask = async (url: string, headers: Record<string, string> = {}) => {
      const answer = await app.inject({ url, headers: { host: 'localhost', ...headers } })
      expectView(refusal, answer.json())
      return answer.statusCode
    }
    expect(await ask('/api/v1/credentials')).toBe(401)
    expect(await ask('/nowhere')).toBe(404)
    expect(await ask('/status', { host: 'evil.example' })).toBe(403)
    const authorization = `Bearer ${operatorToken}`
    expect(await ask('/api/v1/events', { authorization, 'last-event-id': 'x' })).toBe(400)
    await app.close()
  })
})

const eventfulPlan = ['dies', 'asks', 'is-limited', 'one', 'other'].map((id) => planned(id))

const eventfully: WorkerTurn = async (turn) => {
  const { stage, worker, task, count } = turn
  if (count === 1) {
    if (task === 'dies') return stage.runtime.die(worker, 'killed')
    if (task === 'is-limited') return quota(stage.clock.now() + 60_000)
    if (task === 'asks') {
      await stage.workerApi.brief(stage.caller(worker))
      await stage.workerApi.reportBlocked(stage.caller(worker), 'Which format?')
      return
    }
  }
  if (task !== 'one' && task !== 'other') return worksWell(turn)
  await stage.workerApi.brief(stage.caller(worker))
  stage.repository.commitOn(worker, task, { 'same.js': `${task} ${count}\n` })
  await stage.workerApi.reportDone(stage.caller(worker), `built ${task}`)
}
