import type { ScriptedFile } from '../players/script.ts'
import type { Conversion } from './conversion.ts'
import { indexPath, words } from './module.ts'

/**
 * The repository before anyone worked on it. `sections` are the lines of the index below which the
 * modules are exported.
 */
export function seedFiles(
  conversions: readonly Conversion[],
  sections: readonly string[],
): readonly ScriptedFile[] {
  return [
    { path: 'package.json', text: `${JSON.stringify(manifest, null, 2)}\n` },
    { path: 'README.md', text: readme },
    { path: 'PROJECT_DIRECTION.md', text: direction(conversions) },
    {
      path: indexPath,
      text: `// Everything that the library offers.\n\n${sections.join('\n\n')}\n`,
    },
    { path: 'test/index.test.js', text: indexTest },
  ]
}

const manifest = {
  name: 'measures',
  version: '0.0.0',
  private: true,
  type: 'module',
  exports: './src/index.js',
  scripts: { test: 'node --test' },
}

const readme = `# measures

Conversions between units of measurement: one function, one module, no dependencies.

\`\`\`js
import { milesToKilometres } from 'measures'

milesToKilometres(26.2)
\`\`\`

Run the tests with \`npm test\`.
`

const direction = (conversions: readonly Conversion[]) => `# Direction

\`measures\` converts between units of measurement. It is done when it offers these conversions:

${conversions.map(requirement).join('\n')}

## Rules

- One module for each conversion in \`src/\`, named like it, and its test in \`test/\`.
- Factors are exact. A conversion in the other direction is built on the first one, so that no
  factor is written twice.
- Every function is exported from \`${indexPath}\`, below the heading of its section.
- No dependencies. \`npm test\` passes after every merge.
`

const requirement = ({ functionName, from, to, inverseOf }: Conversion) =>
  `- \`${functionName}\`: ${words(from.name)} in ${words(to.name)}${inverseOf ? `, built on \`${inverseOf.functionName}\`` : ''}`

const indexTest = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as measures from '../${indexPath}'

test('the index offers nothing but functions', () => {
  for (const [name, value] of Object.entries(measures)) assert.equal(typeof value, 'function', name)
})
`
