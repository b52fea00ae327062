import { execFile, spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDockerRuntime } from '../../src/adapters/docker/runtime.ts'
import { inside } from '../../src/adapters/docker/template.ts'
import { toolsDirectory } from '../../src/hosting/tools.ts'
import {
  anOrder,
  containerOf,
  dockerOptions,
  dockerSubject,
  openRuntimeStage,
  workerImage,
  worker1,
  type RuntimeStage,
} from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const execute = promisify(execFile)

/** As in an image of an earlier release, where nothing of them works any more. */
const olderTools = `FROM ${workerImage}
USER root
RUN mkdir -p ${inside.tools} && ln -s /bin/false ${inside.tools}/entrypoint
USER 1000:1000
`

/** Prints the tools that a worker can run and not write, then the version of their Node. */
const lookAtTools = `cd ${inside.tools}
for tool in *; do test -x "$tool" && ! test -w "$tool" && echo "$tool"; done
./node --version`

describe.skipIf(!hasEngine && process.env.CI === undefined)('the tools in a container', () => {
  let stage: RuntimeStage
  let image: string

  beforeEach(async () => {
    stage = await openRuntimeStage()
    image = `${workerImage}-with-tools-${stage.run}`
    const build = execute('docker', ['build', '--quiet', '--tag', image, '-'])
    build.child.stdin?.end(olderTools)
    await build
  })

  afterEach(async () => {
    await dockerSubject(stage).close()
    await execute('docker', ['rmi', '--force', image])
  })

  it('are those of the server, whatever the image has, and no instance can change them', async () => {
    const runtime = createDockerRuntime({ ...dockerOptions(stage), image })
    await runtime.ensureUsable()
    await runtime.instances.ensureRunning(anOrder())
    const shell = async (script: string) =>
      (await execute('docker', ['exec', containerOf(stage, worker1), 'sh', '-c', script])).stdout
    const own = [...(await readdir(toolsDirectory)), 'carrier', 'node'].toSorted()
    expect(await shell(lookAtTools)).toBe(`${own.join('\n')}\n${process.version}\n`)
    await expect(shell(`echo >${inside.tools}/hook`)).rejects.toThrow('Read-only file system')
  })
})
