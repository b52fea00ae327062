import { z } from 'zod'

/** `.claude.json`, Claude Code's own state: only what must be in it so that a start asks no question. */
const stateShape = z.looseObject({
  projects: z.record(z.string(), z.looseObject({})).catch({}),
  customApiKeyResponses: z
    .looseObject({
      approved: z.array(z.string()).catch([]),
      rejected: z.array(z.string()).catch([]),
    })
    .optional()
    .catch(undefined),
})

/** Adds the answers to the start's questions; whatever is not readable as a state is started anew. */
export function answerQuestions(
  text: string | null,
  workspace: string,
  credential: Readonly<Record<string, string>>,
): string {
  const state = parse(text)
  const key = credential.ANTHROPIC_API_KEY ?? ''
  return JSON.stringify({
    ...state,
    hasCompletedOnboarding: true,
    projects: {
      ...state.projects,
      [workspace]: { ...state.projects[workspace], hasTrustDialogAccepted: true },
    },
    ...(key === '' ? {} : { customApiKeyResponses: approve(state.customApiKeyResponses, key) }),
  })
}

/**
 * Claude Code looks at its own state about once a second, and refuses an API key of whose approval it has not read. It also writes that state,
 * from memory, after a turn: then an approval that it has not read is gone. So it has to have stood for as long as two looks take; what Claude
 * Code has read, it writes back. Within 5 s, since a swap is given up after 8. Measured with 2.1.328: of 5 approvals that were written in the second
 * after a turn, 3 were gone 2.5 s later, and the keys refused.
 */
export const approvalTimes = { forMs: 2_500, withinMs: 5_000, everyMs: 250 } as const

/** Whether Claude Code would take the credential without a question, as far as its state says. */
export function isApproved(
  text: string | null,
  credential: Readonly<Record<string, string>>,
): boolean {
  const approved = parse(text).customApiKeyResponses?.approved ?? []
  return approved.includes(endOf(credential.ANTHROPIC_API_KEY ?? ''))
}

function parse(text: string | null): z.output<typeof stateShape> {
  try {
    return stateShape.parse(JSON.parse(text ?? '{}'))
  } catch {
    return { projects: {} }
  }
}

/** Claude Code remembers an approved API key by its end. */
const endOf = (key: string): string => key.slice(-20)

function approve(known: z.output<typeof stateShape>['customApiKeyResponses'], key: string) {
  const end = endOf(key)
  return {
    approved: [...(known?.approved ?? []).filter((one) => one !== end), end],
    rejected: (known?.rejected ?? []).filter((one) => one !== end),
  }
}
