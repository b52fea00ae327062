import type { Growth } from '../players/script.ts'
import { manyConversions } from '../sample/conversion.ts'
import { makeSample, type Sample } from '../scenarios/sample.ts'
import type { ChaosArguments } from './arguments.ts'

/**
 * In every nine tasks: two pairs that touch the same lines, one question, one dependency, one
 * report that is forgotten, one that comes before the commit, one squash that undoes what others
 * merged.
 */
const scenario = {
  summary: 'chaos',
  quirks: {
    2: 'collides',
    4: 'squashes',
    5: 'collides',
    7: 'asks',
    8: 'forgets-report',
    9: 'forgets-commit',
  },
  checks: [],
} as const

/** Pairs that collide and tasks that depend on each other are within nine. */
const period = 9

/**
 * More than a worker was ever seen to do in a minute; a project that runs out of tasks ends before
 * its time.
 */
const mostPerWorkerMinute = 7

/**
 * A project with enough work for the time. Unless the number of tasks is given, the Manager plans
 * more while it `mayGrow`.
 */
export function makeProject(
  { minutes, workers, tasks }: ChaosArguments,
  mayGrow: Growth['mayGrow'],
): Sample {
  const batch = period * Math.ceil(workers / period)
  const enough = Math.min(
    manyConversions,
    batch * (2 + Math.ceil((minutes * workers * mostPerWorkerMinute) / batch)),
  )
  const { seed, script } = makeSample(scenario, tasks ?? enough, workers)
  return { seed, script: tasks === undefined ? { ...script, growth: { batch, mayGrow } } : script }
}
