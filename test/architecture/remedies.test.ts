import { expect, it } from 'vitest'
import { readSources } from './sources.ts'

/** A person would have to write the rest of the command. */
const bareRoute = /\b(?:GET|POST|PUT|PATCH|DELETE) \/(?:api|status)\b/

it('no text of the server names a route without the whole `curl` line', () => {
  const texts = readSources('src', /(?<!\.test)\.ts$/).filter(
    ({ path }) => !path.startsWith('src/rehearsal/'),
  )
  expect(texts.length).toBeGreaterThan(500)
  const found = texts.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line) => (bareRoute.test(line) ? [`${path}: ${line.trim()}`] : [])),
  )
  expect(found).toEqual([])
})
