import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const tarballPath = '/tiny/-/tiny-1.0.0.tgz'

export interface PackageRegistry extends AsyncDisposable {
  readonly url: string
  /** A project that depends on the package `tiny`, and whose `npm test` imports it. */
  readonly project: readonly { readonly path: string; readonly text: string }[]
  /** The paths that were requested. */
  readonly requests: readonly string[]
}

/** A package registry that offers the one package `tiny`, for `npm ci`. */
export async function startPackageRegistry(host: string): Promise<PackageRegistry> {
  const tarball = await tinyTarball()
  const requests: string[] = []
  const server = createServer(({ url = '' }, answer) => {
    requests.push(url)
    if (url === tarballPath) answer.end(tarball)
    else answer.writeHead(404).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://${host}:${port}`
  return {
    url,
    project: projectOf(url, `sha512-${createHash('sha512').update(tarball).digest('base64')}`),
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

async function tinyTarball(): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'tiny-'))
  try {
    await mkdir(join(directory, 'package'))
    const manifest = { name: 'tiny', version: '1.0.0', type: 'module', exports: './index.js' }
    await writeFile(join(directory, 'package', 'package.json'), JSON.stringify(manifest))
    await writeFile(join(directory, 'package', 'index.js'), 'export const answer = 42\n')
    const file = join(directory, 'tiny.tgz')
    await promisify(execFile)('tar', ['-czf', file, '-C', directory, 'package'])
    return await readFile(file)
  } finally {
    await rm(directory, { recursive: true })
  }
}

function projectOf(url: string, integrity: string): PackageRegistry['project'] {
  const about = { name: 'measures', version: '0.0.0' }
  const dependencies = { tiny: '1.0.0' }
  const scripts = { test: 'node needs-tiny.js && node --test' }
  const lock = {
    ...about,
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { ...about, dependencies },
      'node_modules/tiny': { version: '1.0.0', resolved: `${url}${tarballPath}`, integrity },
    },
  }
  const needsTiny = `import { answer } from 'tiny'\n\nif (answer !== 42) process.exit(1)\n`
  return [
    {
      path: 'package.json',
      text: json({
        ...about,
        private: true,
        type: 'module',
        exports: './src/index.js',
        scripts,
        dependencies,
      }),
    },
    { path: 'package-lock.json', text: json(lock) },
    { path: '.npmrc', text: `registry=${url}\naudit=false\nfund=false\nupdate-notifier=false\n` },
    { path: '.gitignore', text: 'node_modules/\n' },
    { path: 'needs-tiny.js', text: needsTiny },
  ]
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`
