import { isMerged, type Status } from './status.ts'

const barWidth = 40

/** What to see while it runs: who does what, how far the tasks are, what happened last. */
export function renderProgress(
  status: Status,
  recent: readonly string[],
  elapsedMs: number,
): readonly string[] {
  const merged = status.tasks.filter(isMerged).length
  const filled =
    status.tasks.length === 0 ? 0 : Math.round((merged / status.tasks.length) * barWidth)
  return [
    '',
    `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)}  ${merged} of ${status.tasks.length} merged  ${status.run.phase}  ${seconds(elapsedMs)}`,
    '',
    ...status.instances.map(
      ({ id, phase, until, credential, task, needs }) =>
        `  ${id.padEnd(10)} ${phase.padEnd(10)} ${(credential ?? '').padEnd(6)} ${task ?? ''}${until ? `  until ${until.slice(11, 19)}` : ''}${needs ? `  needs ${needs}` : ''}`,
    ),
    '',
    ...phaseCounts(status),
    '',
    ...recent.map((line) => `  ${line}`),
  ]
}

function phaseCounts({ tasks }: Status): readonly string[] {
  const phases = [...new Set(tasks.map(({ phase }) => phase))]
  return phases.map((phase) => {
    const ids = tasks.filter((task) => task.phase === phase).map(({ id }) => id)
    return `  ${phase.padEnd(10)} ${String(ids.length).padStart(3)}  ${ids.slice(0, 4).join(', ')}${ids.length > 4 ? ' …' : ''}`
  })
}

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
