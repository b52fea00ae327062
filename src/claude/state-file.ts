import { z } from 'zod'

/** `.claude.json`, Claude Code's own state: only what must be in it so that a start asks no question. */
const stateShape = z.looseObject({
  projects: z.record(z.string(), z.looseObject({})).catch({}),
  customApiKeyResponses: z
    .looseObject({ approved: z.array(z.string()).catch([]), rejected: z.array(z.string()).catch([]) })
    .optional()
    .catch(undefined),
})

/** Adds the answers to the start's questions; whatever is not readable as a state is started anew. */
export function answerQuestions(text: string | null, workspace: string, credential: Readonly<Record<string, string>>): string {
  const state = parse(text)
  const key = credential.ANTHROPIC_API_KEY ?? ''
  return JSON.stringify({
    ...state,
    hasCompletedOnboarding: true,
    projects: { ...state.projects, [workspace]: { ...state.projects[workspace], hasTrustDialogAccepted: true } },
    ...(key === '' ? {} : { customApiKeyResponses: approve(state.customApiKeyResponses, key) }),
  })
}

/**
 * Claude Code looks at its own state about once a second, and refuses an API key of whose approval it has not read. Measured with 2.1.328:
 * 2 of 14 keys were refused when both were written at once.
 */
export const APPROVAL_NOTICE_MS = 2_500

function parse(text: string | null): z.output<typeof stateShape> {
  try {
    return stateShape.parse(JSON.parse(text ?? '{}'))
  } catch {
    return { projects: {} }
  }
}

/** Claude Code remembers an approved API key by its end. */
function approve(known: z.output<typeof stateShape>['customApiKeyResponses'], key: string) {
  const end = key.slice(-20)
  return {
    approved: [...(known?.approved ?? []).filter((one) => one !== end), end],
    rejected: (known?.rejected ?? []).filter((one) => one !== end),
  }
}
