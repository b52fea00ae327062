import { z } from 'zod'
import { plainText } from '../../lib/plain-text.ts'

/**
 * A text that a model writes. It becomes part of prompts, commit messages, task lists and reports,
 * so control characters are left out.
 */
export const toolText = (mostCharacters: number) =>
  z.string().overwrite(plainText).min(1).max(mostCharacters)
