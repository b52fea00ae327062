/** Settings of Claude Code by which an operator names further models. */
const modelVariables = [
  'ANTHROPIC_MODEL',
  'ANTHROPIC_SMALL_FAST_MODEL',
  'ANTHROPIC_DEFAULT_FABLE_MODEL',
  'ANTHROPIC_DEFAULT_OPUS_MODEL',
  'ANTHROPIC_DEFAULT_SONNET_MODEL',
  'ANTHROPIC_DEFAULT_HAIKU_MODEL',
  'CLAUDE_CODE_SUBAGENT_MODEL',
] as const

/** Names for whichever model Claude Code takes for it. */
const aliases: Readonly<Record<string, RegExp>> = {
  opus: /opus/,
  sonnet: /sonnet/,
  haiku: /haiku/,
  fable: /fable/,
  opusplan: /opus|sonnet/,
}

/**
 * Claude Code's small, fast model, which it uses beside the chosen one: for subagents that ask for
 * `haiku` and to read web pages (2.1.328 asks for claude-haiku-5-5). It is the cheapest one.
 */
const small = /^claude-haiku-[\w.-]+$|^claude-3(?:-\d)?-haiku-[\w.-]+$/

/**
 * Whether instances may use a model: the configured one, those that `environment` names, and the
 * small one. An alias stands for each model of its family. An alias that is not known here allows
 * every model, since only Claude Code knows what it stands for.
 */
export function allowedModels(
  model: string,
  environment: Readonly<Record<string, string>>,
): (requested: string) => boolean {
  const named = [model, ...modelVariables.map((name) => environment[name] ?? '')]
    .map(withoutSuffix)
    .filter((name) => name !== '' && name !== 'inherit')
  const tests = named.map((name) => {
    const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined
    if (alias !== undefined) return (requested: string) => alias.test(requested)
    if (/^[a-z]+$/.test(name)) return () => true
    return (requested: string) => requested === name || isDated(requested, name)
  })
  return (requested) =>
    small.test(requested) || tests.some((test) => test(withoutSuffix(requested)))
}

/** Claude Code sends `[1m]` as a header of its own. */
const withoutSuffix = (name: string): string => name.trim().replace(/\[[^\]]*\]$/, '')

/** `claude-opus-5-5-20260901` for `claude-opus-5-5`. */
const isDated = (requested: string, name: string): boolean =>
  requested.startsWith(`${name}-`) && /^\d{8}$/.test(requested.slice(name.length + 1))
