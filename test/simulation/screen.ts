const rule = '─'.repeat(80)

/**
 * What Claude Code shows, as far as the recogniser looks at it: an input box, and above it whether
 * a turn is under way.
 */
export function screenOf(box: string, isBusy: boolean, now: number): string {
  const above = isBusy ? `✻ Bootstrapping… (${Math.floor(now / 1_000)}s · ↓ 5 tokens)` : '● Done.'
  const below = `  ⏵⏵ bypass permissions on (shift+tab to cycle)${isBusy ? ' · esc to interrupt' : ''}`
  return [above, '', rule, `❯\u00a0${box}`, rule, below].join('\n')
}
