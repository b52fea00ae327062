import { z } from 'zod'

/** The parts of `.claude.json`, Claude Code's own state, that prevent questions at a start. */
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

/**
 * Adds the answers to the questions at a start. An unreadable state is replaced by an empty one.
 */
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
 * How long an approval must be in the file (`forMs`), how often it is checked and rewritten, and
 * when the attempt is given up. Claude Code reads its state about once a second, and refuses an API
 * key whose approval it has not read. After a turn it also writes its state from memory; an
 * approval that it has not read is then gone. So an approval must stay for as long as two reads
 * take; one that Claude Code has read, it writes back. Measured with 2.1.328: of 5 approvals
 * written in the second after a turn, 3 were gone 2.5 s later, and the keys were refused.
 *
 * `withinMs` is part of `placeMs` (`timeouts` in src/core/model/policy.ts), after which a rotation
 * that has not been placed fails. So a late approval still counts, and its failure is reported.
 */
export const approvalTimes = { forMs: 2_500, withinMs: 5_000, everyMs: 250 } as const

/** Whether Claude Code's state approves the credential. */
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

/** Claude Code stores an approved API key by its last 20 characters. */
const endOf = (key: string): string => key.slice(-20)

function approve(known: z.output<typeof stateShape>['customApiKeyResponses'], key: string) {
  const end = endOf(key)
  return {
    approved: [...(known?.approved ?? []).filter((one) => one !== end), end],
    rejected: (known?.rejected ?? []).filter((one) => one !== end),
  }
}
