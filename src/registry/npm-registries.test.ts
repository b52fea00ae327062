import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findNpmRegistries } from './npm-registries.ts'

describe('the registries of npm', () => {
  it('are the one that it is set to, and its own', async () => {
    const set = { ...process.env, npm_config_registry: 'https://npm.example/team' }
    const found = await findNpmRegistries(set)
    expect(found?.used.href).toBe('https://npm.example/team/')
    expect(found?.builtIn.hostname).not.toBe('npm.example')
  })

  it('are asked for without leaving a file behind', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'npm-registries-'))
    onTestFinished(() => rm(empty, { recursive: true }))
    const places = { TMPDIR: empty, HOME: empty }
    expect(await findNpmRegistries({ ...process.env, ...places })).not.toBeNull()
    expect(await readdir(empty)).toEqual([])
  })

  it('are unknown where there is no npm', async () => {
    expect(await findNpmRegistries({ PATH: '/nonexistent' })).toBeNull()
  })
})
