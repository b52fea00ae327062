import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { project } from '../../runner/server.ts'

export interface OperatorRoute {
  readonly method: string
  /** Its parameters have values. */
  readonly path: string
}

const values: Readonly<Record<string, string>> = {
  line: 'main',
  task: 'note-1',
  instance: 'worker-1',
  id: 'key-1',
  number: '1',
}

/** A body that each route with one accepts in part: what is refused for its body was let in. */
export const sampleBody = { answer: 'merge', host: 'evil.example', reason: 'x', credential: null }

/** What the documentation gives to readers and operators; a test compares it with the routes. */
export async function operatorRoutes(): Promise<readonly OperatorRoute[]> {
  const document = await readFile(join(project, 'docs/http.md'), 'utf8')
  const [people = ''] = document.split('\n## Instances\n')
  const found = [...people.matchAll(/`(GET|POST|DELETE) (\/[^`]*)`/g)].map(
    ([, method = '', path = '']) => ({
      method,
      path: path.replaceAll(/<(\w+)>/g, (_, name: string) => values[name] ?? 'x'),
    }),
  )
  if (found.length < 20) throw new Error('docs/http.md has no table of routes')
  return found
}
