import { readFileSync } from 'node:fs'

const longest = 65

/** Words that begin statements, not commands. */
const notVerbs = new Set(
  (
    'a an the is are was were am be been it its he she they we you i this that these those there ' +
    'here what who whoever when where why how which if then so every each no not nothing nobody ' +
    'none one two some all any only now new more of in into on at to for with without by from ' +
    'and or but as while until after before can may must should will would has have had'
  ).split(' '),
)

/** Verbs that look like another form: `pass`, `embed`, `bring`. */
const looksInflected = new Set(
  (
    'bypass pass process compress suppress express discuss dismiss miss press cross guess bias ' +
    'address access focus canvass embed feed need seed shed speed exceed proceed succeed bleed ' +
    'bring ring string ping spring cling'
  ).split(' '),
)

/** Why a commit title is refused, as a sentence; null for `area: verb …` in the imperative. */
export function objectionTo(title: string): string | null {
  const [, rest] = /^[a-z][a-z0-9-]*(?:(?:, |[ /])[a-z][a-z0-9-]*)*: (.+)$/.exec(title) ?? []
  if (rest === undefined) return 'does not begin with an area in lower case and a colon: "core: …"'
  if (title.length > longest) return `has ${title.length} characters, more than ${longest}`
  if (title.endsWith('.')) return 'ends in a full stop'
  const [verb = ''] = rest.split(/[\s,:]/)
  if (!/^[a-z]+(?:-[a-z]+)*$/.test(verb))
    return `begins with "${verb}", not with a verb in lower case`
  if (notVerbs.has(verb)) return `begins with "${verb}", not with a verb`
  return /(?:s|ed|ing)$/.test(verb) && !looksInflected.has(verb)
    ? `begins with "${verb}", not with an imperative such as "add" or "fix"`
    : null
}

/** As a commit-msg hook, with the file of the message: exits with 1 and the reason. */
if (import.meta.main) {
  const [title = ''] = readFileSync(process.argv[2] ?? '', 'utf8').split('\n')
  const objection = /^(?:Merge|Revert|fixup!|squash!) /.test(title) ? null : objectionTo(title)
  if (objection !== null) {
    process.stderr.write(`The commit title ${objection}: ${title}\n`)
    process.exitCode = 1
  }
}
