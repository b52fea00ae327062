import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { claudeCodeVersion } from './schema.ts'

describe('the pinned Claude Code', () => {
  it('is the one that package.json names and docker/setup.sh installs', async () => {
    const manifest = await readFile(join(import.meta.dirname, '../../package.json'), 'utf8')
    expect(JSON.parse(manifest)).toMatchObject({ claudeCode: { version: claudeCodeVersion } })
  })
})
