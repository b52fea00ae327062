/**
 * What makes Claude Code ignore every settings file but the managed ones and those of `sources`: a
 * repository's own would redirect its requests and run programs, by any of hundreds of names. The
 * repository's CLAUDE.md is read all the same, as that of an added directory. Skills, agents and
 * commands of the repository are not.
 */
export const noSettingsOf = (workspace: string, sources: readonly 'user'[]) => ({
  environment: { CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD: '1' },
  arguments: ['--setting-sources', sources.join(','), '--add-dir', workspace],
})
