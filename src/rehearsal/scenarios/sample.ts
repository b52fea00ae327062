import type { Habit, Script, ScriptedFile, ScriptedTask } from '../players/script.ts'
import { chooseConversions, type Conversion } from '../sample/conversion.ts'
import { exportLine, indexPath, moduleFiles, words } from '../sample/module.ts'
import { seedFiles } from '../sample/seed.ts'
import { type Collision, collisionsIn } from './collision.ts'
import type { Quirk, Scenario } from './scenario.ts'

/** A repository to begin with, and the players' tasks in it. */
export interface Sample {
  readonly seed: readonly ScriptedFile[]
  readonly script: Script
}

/** The same arguments make the same script and the same files. */
export function makeSample(scenario: Scenario, taskCount: number, workerCount: number): Sample {
  const conversions = chooseConversions(taskCount)
  const firstHeld = taskCount - (scenario.acts?.length ?? 0)
  if (firstHeld < 1)
    throw new Error(`this scenario needs ${taskCount - firstHeld + 1} tasks or more`)
  const collisions = collisionsIn(scenario, conversions, workerCount)
  const tasks = conversions.map((conversion, index): ScriptedTask => {
    const task = taskFor(conversion, quirkAt(scenario, index), collisions.get(conversion.id))
    const act = scenario.acts?.[index - firstHeld]
    if (act === undefined) return task
    // Work on a history that is removed is returned once.
    const tries = act.endsWith('follow') ? 2 : 1
    // Each begins after the act of the one before, on what that left.
    const before = conversions.slice(Math.max(firstHeld, index - 1), index).map(({ id }) => id)
    const dependsOn = [...new Set([...task.dependsOn, ...before])]
    return { ...task, dependsOn, habit: { type: 'awaits', tries } }
  })
  const seed = seedFiles(conversions, [...new Set(tasks.map(({ entry }) => entry.below))])
  const there = tasks.filter(({ habit }) => habit.type === 'needs-no-commit')
  return {
    seed: there.reduce(withWorkOf, seed),
    script: {
      tasks,
      ...(scenario.wave === undefined
        ? {}
        : { growth: { batch: scenario.wave, mayGrow: () => true } }),
      ...(scenario.neverCompletes ? { neverCompletes: true } : {}),
      report: `The library offers ${conversions.map(({ functionName }) => functionName).join(', ')}.`,
    },
  }
}

/** The files with the task's own, and its line in the index. */
export const withWorkOf = (
  files: readonly ScriptedFile[],
  { files: own, entry }: ScriptedTask,
): readonly ScriptedFile[] => [
  ...files.map((file) =>
    file.path === entry.path
      ? { ...file, text: file.text.replace(`${entry.below}\n`, `${entry.below}\n${entry.line}\n`) }
      : file,
  ),
  ...own,
]

/** Quirks are placed within every nine tasks, so that a longer run has more of them. */
export const quirkAt = (scenario: Scenario, index: number): Quirk | undefined =>
  scenario.quirks[(index % 9) + 1]

function taskFor(
  conversion: Conversion,
  quirk: Quirk | undefined,
  collision: Collision | undefined,
): ScriptedTask {
  const { id, functionName, from, to, inverseOf } = conversion
  const habit = habitFor(conversion, quirk, collision)
  return {
    id,
    title: `Convert ${words(id)}`,
    body: `Offer ${functionName}: ${words(from.name)} in ${words(to.name)}${inverseOf ? `, built on ${inverseOf.functionName}` : ''}. With a test.`,
    dependsOn: inverseOf ? [inverseOf.id] : [],
    worker: collision?.worker ?? null,
    files: moduleFiles(conversion, { guarded: habit.type === 'asks' }),
    entry: {
      path: indexPath,
      below: `// ${words(collision?.section ?? id)}`,
      line: exportLine(conversion),
    },
    habit,
  }
}

function habitFor(
  conversion: Conversion,
  quirk: Quirk | undefined,
  collision: Collision | undefined,
): Habit {
  switch (quirk) {
    case 'asks':
      return {
        type: 'asks',
        question: `Shall ${conversion.functionName} accept numbers written as text?`,
        answer: refuseText,
      }
    case 'breaks-checks':
      return { type: 'breaks-checks', flawed: moduleFiles(conversion, { flawed: true }) }
    case 'needs-no-commit':
    case 'done-by-hand':
    case 'forgets-report':
    case 'forgets-commit':
    case 'delegates':
    case 'squashes':
      return { type: quirk }
    case 'collides':
    case undefined:
      return collision ? { type: 'collides', others: collision.others } : { type: 'diligent' }
  }
}

const refuseText = 'No: throw a TypeError for everything that is no number.'
