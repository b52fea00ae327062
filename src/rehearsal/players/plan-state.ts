/**
 * The phase of every task in the answer of the Manager's tool, from its lines `- some-task [merged]
 * …`.
 */
export function readPlanState(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(/^- ([a-z0-9-]+) \[([a-z]+)\]/gm)].map(([, task = '', phase = '']) => [
      task,
      phase,
    ]),
  )
}
