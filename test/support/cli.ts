import { join } from 'node:path'
import packageFile from '../../package.json' with { type: 'json' }

/** The real Claude Code: of the pinned version, where set-up puts it, or another one to try. */
export const cli =
  process.env['CLAUDE_CODE_PATH'] ??
  join(import.meta.dirname, '../../.cache/claude-code', packageFile.claudeCode.version, 'claude')
