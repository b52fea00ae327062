/** A word that the project no longer uses, and what to write instead. */
export interface RetiredWord {
  readonly pattern: RegExp
  readonly instead: string
  /** Only in prose: the word is still part of a name that is stored or sent. */
  readonly inProseOnly?: true
}

const people = 'the instance, process or person that is meant'

/** Every pattern matches whole words, so `desk` is refused and `desktop` is not. */
export const retiredWords: readonly RetiredWord[] = [
  { pattern: /\bwho(?:so)?ever\b/i, instead: people },
  { pattern: /\b(?:some|no|any|every)body\b/i, instead: people },
  { pattern: /\banew\b/i, instead: 'again, from scratch' },
  {
    pattern: /\btold\b|\btelling\b|\btells?\b(?! .{0,30}\bapart\b)/i,
    instead: 'reports, notifies, says, prints, shows',
  },
  {
    pattern: /\bheard\b|\bhears?\b|\bhearing\b/i,
    instead: 'receives, is notified; a heartbeat',
  },
  { pattern: /\blet(?:s|ting)? be\b/i, instead: 'leaves unchanged' },
  { pattern: /\bbelie(?:fs?|ve[sd]?|ving)\b/i, instead: 'recorded state; trusts, accepts' },
  { pattern: /\bdoubt(?:s|ed|ing|ful)?\b/i, instead: 'rejects, is uncertain' },
  // In quotes it is the public name of a phase of a sync.
  {
    pattern: /(?<!['`](?=owed['`]))\bow(?:ed|es)\b/i,
    instead: 'out of sync, due',
  },
  { pattern: /\bchores?\b/i, instead: 'sync' },
  { pattern: /\btroubles?\b/i, instead: 'model error, problem', inProseOnly: true },
  { pattern: /\bmisfortunes?\b/i, instead: 'fault' },
  { pattern: /\bfates?\b/i, instead: 'fault plan' },
  { pattern: /\bblows?\b/i, instead: 'fault, outage' },
  { pattern: /\bweather\b/i, instead: 'fault schedule' },
  { pattern: /\bclimates?\b/i, instead: 'fault profile' },
  { pattern: /\bwitness(?:es|ed)?\b/i, instead: 'history recorder' },
  { pattern: /\blookouts?\b/i, instead: 'liveness check' },
  { pattern: /\bplant(?:s|ed|ing)?\b/i, instead: 'mutant' },
  { pattern: /\bcondemn(?:s|ed|ing)?\b/i, instead: 'withdraws' },
  { pattern: /\bbur(?:y|ies|ied|ying)\b/i, instead: 'deletes, marks as deleted' },
  { pattern: /\bstandstills?\b|\bstands still\b/i, instead: 'write outage', inProseOnly: true },
  { pattern: /\bblindness\b/i, instead: 'runtime outage, runtime unreachable' },
  { pattern: /\bsightings?\b/i, instead: 'observation, status, screen state' },
  { pattern: /\bchronicles?\b/i, instead: 'transition log' },
  { pattern: /\brendezvous\b/i, instead: 'barrier' },
  { pattern: /\bcast of players\b/i, instead: 'players' },
  { pattern: /\bdesks?\b/i, instead: 'worker API' },
  { pattern: /\bcages?\b/i, instead: 'resource limits' },
  // With a list it is a field of the rehearsal's --json document.
  {
    pattern: /(?<!compare-and-)\bswap(?:s|ped|ping)?\b(?!: \[)/i,
    instead: 'rotation, replacement',
  },
  { pattern: /\b(?:the|a) wall\b/i, instead: 'limit' },
]

export interface Line {
  readonly text: string
  readonly isMarkdown: boolean
}

/** What is retired in a line, each as `"word" (write: …)`. */
export function retiredIn({ text, isMarkdown }: Line): readonly string[] {
  const withoutNames = isMarkdown ? text.replaceAll(/`[^`]*`/g, '``') : text
  const prose = isMarkdown ? withoutNames : proseOf(text)
  return retiredWords.flatMap(({ pattern, instead, inProseOnly }) => {
    const found = pattern.exec(inProseOnly === undefined ? withoutNames : prose)?.[0]
    return found === undefined ? [] : [`"${found}" (write: ${instead})`]
  })
}

/** The comment of a line of code, and the title of a test. */
function proseOf(line: string): string {
  const comment = /^\s*(?:\/?\*|\/\/|#)(.*)|\s\/\/ (.*)/.exec(line)
  const title = /\b(?:it|describe)(?:\.\w+)*\((?:'([^']*)'|`([^`]*)`)/.exec(line)
  return [comment?.[1], comment?.[2], title?.[1], title?.[2]].join(' ')
}
