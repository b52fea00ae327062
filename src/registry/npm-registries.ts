import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const timeout = 8_000

/** Otherwise npm keeps its compiled code, its logs and the time of its last look for updates. */
const leaveNothing = { NODE_DISABLE_COMPILE_CACHE: '1', npm_config_cache: '/dev/null' }

export interface NpmRegistries {
  /** The one that npm on this machine uses. */
  readonly used: URL
  /** The public one, whose name in a lock file npm replaces by that of the registry it uses. */
  readonly builtIn: URL
}

/** Null when this machine has no npm that answers. */
export async function findNpmRegistries(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<NpmRegistries | null> {
  const ask = async (env: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<URL> => {
    const args = ['config', 'get', 'registry', ...words]
    const { stdout } = await run('npm', args, {
      cwd: '/',
      env: { ...env, ...leaveNothing },
      timeout,
    })
    return new URL(stdout.trim().replace(/\/?$/, '/'))
  }
  const nothing = ['--userconfig=/nonexistent/user', '--globalconfig=/nonexistent/global']
  try {
    const [used, builtIn] = await Promise.all([
      ask(environment),
      ask({ PATH: environment.PATH, HOME: '/nonexistent' }, ...nothing),
    ])
    return { used, builtIn }
  } catch {
    return null
  }
}
