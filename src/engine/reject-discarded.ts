/**
 * Restored paths are always accepted: they read as on the target. `mergesOrigin`: the task merges
 * what others pushed, so a path may have to be restored from there.
 */
export function rejectDiscarded(
  paths: readonly string[],
  target: string,
  mergesOrigin: boolean,
): string {
  const upstream = mergesOrigin
    ? [
        'What others pushed is in `git fetch "$ORCHESTRATOR_HUB" ' +
          `refs/upstream/${target}\`: combine both sides, or restore a path with ` +
          '`git checkout FETCH_HEAD -- <path>`.',
      ]
    : []
  const shown = paths.slice(0, maxShownPaths).map((path) => `- ${path}`)
  const more = paths.length > shown.length ? [`- and ${paths.length - shown.length} more`] : []
  return [
    `others changed these paths on ${target} since your work began, and your branch brings them ` +
      'back to what they were:',
    ...shown,
    ...more,
    '',
    `Restore each one: \`git checkout origin/${target} -- <path>\`, or \`git rm <path>\` where ` +
      `origin/${target} has no such file. Then make your own change on top of it so that both ` +
      'work, commit, and call report_done again.',
    ...upstream,
    'If your task is meant to undo what others did there, call report_blocked, name the paths and ' +
      'say why: only the Manager or the operator can allow it.',
  ].join('\n')
}

const maxShownPaths = 50
