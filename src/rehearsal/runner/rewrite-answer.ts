/** The one command line of a need that gives this answer; null when there is none. */
export const commandFor = (answer: 'keep' | 'follow', need: string): string | null =>
  new RegExp(`curl (?:(?!curl ).)*"answer":"${answer}"(?:(?!curl ).)*/rewrite`).exec(need)?.[0] ??
  null
