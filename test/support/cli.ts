import { join } from 'node:path'
import packageFile from '../../package.json' with { type: 'json' }

/** The real Claude Code of this version, where set-up puts it. */
export const cli = join(import.meta.dirname, '../../.cache/claude-code', packageFile.claudeCode.version, 'claude')
