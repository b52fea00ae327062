/** Restored paths are always accepted: they read as on the target. */
export function rejectDiscarded(paths: readonly string[], target: string): string {
  const shown = paths.slice(0, maxShownPaths).map((path) => `- ${path}`)
  const more = paths.length > shown.length ? [`- and ${paths.length - shown.length} more`] : []
  return [
    `Report rejected: others changed these paths on ${target} since your work began, and your ` +
      'branch brings them back to what they were:',
    ...shown,
    ...more,
    '',
    `Restore each one: \`git checkout origin/${target} -- <path>\`, or \`git rm <path>\` where ` +
      `origin/${target} has no such file. Then make your own change on top of it so that both ` +
      'work, commit, and call report_done again.',
    'If your task is meant to undo what others did there, call report_blocked, name the paths and ' +
      'say why: only the Manager or the operator can allow it.',
  ].join('\n')
}

const maxShownPaths = 50
