import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findEngine } from './engine.ts'

describe('the engine', () => {
  let configDirectory: string
  const describeContext = (name: string, host: string): void => {
    const folder = join(
      configDirectory,
      'contexts/meta',
      createHash('sha256').update(name).digest('hex'),
    )
    mkdirSync(folder, { recursive: true })
    writeFileSync(
      join(folder, 'meta.json'),
      JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
    )
  }

  beforeEach(() => {
    configDirectory = mkdtempSync(join(tmpdir(), 'docker-config-'))
  })
  afterEach(() => rmSync(configDirectory, { recursive: true, force: true }))

  it('is the one behind the default socket when nothing else is said', () => {
    expect(findEngine({ DOCKER_CONFIG: configDirectory })).toMatchObject({
      cli: ['docker'],
      address: 'unix:///var/run/docker.sock',
    })
  })

  it('is the one that DOCKER_HOST names, whatever the context', () => {
    writeFileSync(join(configDirectory, 'config.json'), '{"currentContext":"absent"}')
    const { cli } = findEngine({
      DOCKER_HOST: 'unix:///run/user/1000/docker.sock',
      DOCKER_CONFIG: configDirectory,
    })
    expect(cli).toEqual(['docker', '--host', 'unix:///run/user/1000/docker.sock'])
  })

  it('is the one of the current context, for the API and for the command line', () => {
    describeContext('rootless', 'unix:///run/user/1000/docker.sock')
    writeFileSync(join(configDirectory, 'config.json'), '{"auths":{},"currentContext":"rootless"}')
    const engine = findEngine({ DOCKER_CONFIG: configDirectory })
    expect(engine).toMatchObject({
      address: 'unix:///run/user/1000/docker.sock',
      api: { modem: { socketPath: '/run/user/1000/docker.sock' } },
    })
    expect(engine.cli).toEqual(['docker', '--config', configDirectory, '--context', 'rootless'])
  })

  it('must be on this machine, and its context described', () => {
    describeContext('far', 'tcp://10.0.0.1:2376')
    expect(() => findEngine({ DOCKER_CONFIG: configDirectory, DOCKER_CONTEXT: 'far' })).toThrow(
      'need an engine on this machine: choose another context',
    )
    expect(() => findEngine({ DOCKER_CONFIG: configDirectory, DOCKER_CONTEXT: 'gone' })).toThrow(
      'the Docker context gone is not described',
    )
  })
})
