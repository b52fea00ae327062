import { describe, expect, it } from 'vitest'
import { type InstanceId, TaskId } from '../../src/core/model/ids.ts'
import { line, planned } from '../support/run.ts'
import { carryOut } from '../support/printed-curl.ts'
import { statusOf } from '../support/surface.ts'
import { Stage } from './stage.ts'

describe('what others push while the run works', () => {
  /** A human pushes to the file of task a just before it is reported. */
  const conflictingRun = (merge: (stage: Stage, worker: InstanceId, task: TaskId) => void) =>
    Stage.open({
      plan: [planned('a'), planned('b', { dependsOn: [TaskId('a')] })],
      policy: { workerCount: 1 },
      work: async ({ stage, worker, task, count }) => {
        const brief = (await stage.workerApi.brief(stage.caller(worker))).text
        briefs.push(brief)
        if (task === 'a') stage.repository.pushUpstream({ 'src/a.js': 'of a human\n' })
        if (brief.includes('Kind: origin') && count > 1) stage.repository.mergeOrigin(worker, task)
        else if (brief.includes('Kind: origin')) merge(stage, worker, task)
        else stage.repository.commitOn(worker, task, { [`src/${task}.js`]: `of ${task}\n` })
        answers.push((await stage.workerApi.reportDone(stage.caller(worker), 'built')).text)
      },
    })
  const [briefs, answers]: [string[], string[]] = [[], []]

  it('is merged by a worker and published, with both sides', async () => {
    briefs.length = 0
    const stage = await conflictingRun((at, worker, task) =>
      at.repository.mergeOrigin(worker, task),
    )
    await stage.untilDone()
    const brief = briefs.find((text) => text.includes('Kind: origin'))
    expect(brief).toContain(
      'git fetch "$ORCHESTRATOR_HUB" refs/upstream/main\ngit merge FETCH_HEAD',
    )
    expect(brief).toMatch(/What others did:[^]*of a human[^]*What this run did:[^]*of a/)
    expect(stage.repository.readOrigin('main', 'src/a.js')).toMatch(/of a\nof a human/)
    expect(stage.dispatcher.state.lines.get(line)?.conflict).toBeNull()
  })

  it('is not merged by a report without the merge', async () => {
    answers.length = 0
    const stage = await conflictingRun((at, worker, task) =>
      at.repository.commitOn(worker, task, { 'src/a.js': 'of a human\n' }),
    )
    await stage.untilDone()
    expect(answers.some((text) => text.includes('your branch does not contain'))).toBe(true)
    expect(stage.repository.readOrigin('main', 'src/a.js')).toContain('of a human')
  })
})

describe('a run whose origin refuses every push', () => {
  it('waits without its team, says what is missing, and ends when a person accepts that', async () => {
    const stage = await Stage.open({ plan: [planned('a')] })
    stage.repository.refusePushes('the branch is protected')
    let [needs, status]: [string | null, number | null] = [null, null]
    await stage.until(() => {
      const { run, instances } = stage.dispatcher.state
      const isAlone = [...instances.values()].every(({ phase }) => phase.name === 'stopped')
      const isWaiting = run.phase.name === 'publishing' && run.phase.isWritten && isAlone
      if (isWaiting && needs === null) {
        needs = statusOf(stage).run.needs ?? ''
        void carryOut(stage, needs).then((answer) => (status = answer))
      }
      return run.phase.name === 'done'
    })
    expect(needs).toContain('last work of the run on main (the branch is protected)')
    expect(status).toBe(200)
    expect(stage.reports.at(-1)).toContain('## Not on the origin')
    expect(stage.reports.at(-1)).toContain('the branch is protected')
    expect(stage.repository.readOrigin('main', 'src/a.js')).toBeNull()
  })

  it('is done by itself once the origin accepts them', async () => {
    const stage = await Stage.open({ plan: [planned('a')] })
    stage.repository.refusePushes('no space left on device')
    const seen = new Set<string>()
    await stage.until(() => {
      const { phase } = stage.dispatcher.state.run
      seen.add(phase.name)
      if (phase.name === 'publishing' && stage.clock.now() > phase.since + 3_600_000)
        stage.repository.refusePushes(null)
      return phase.name === 'done' && phase.isWritten
    })
    expect([...seen]).toContain('publishing')
    expect(stage.reports.at(-1)).toBe('Everything is built.')
    expect(stage.repository.readOrigin('main', 'src/a.js')).not.toBeNull()
  })
})

describe('a push whose answer is lost and that a person takes back', () => {
  it('is not repeated without asking', async () => {
    const stage = await Stage.open({ plan: [planned('a')] })
    const { repository } = stage
    const isThere = () => repository.readOrigin('main', 'src/a.js') !== null
    const takeBack = () =>
      isThere()
        ? repository.takeBack(1)
        : repository.loseAnswer({ arrives: true, meanwhile: takeBack })
    takeBack()
    let [needs, since, wasThere]: [string | null, number, boolean] = [null, 0, false]
    await stage.until(() => {
      const { rewrite } = stage.dispatcher.state.lines.get(line) ?? {}
      if (rewrite) since = rewrite.since
      if (rewrite && needs === null && stage.clock.now() > since + 3_600_000) {
        wasThere = isThere()
        needs = statusOf(stage).run.needs ?? ''
        void carryOut(stage, needs)
      }
      return stage.dispatcher.state.run.phase.name === 'done'
    })
    expect(needs).toContain('was rewritten')
    expect(wasThere).toBe(false)
    expect(repository.undone).toEqual([])
  })
})
