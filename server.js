// Plain enough for an old Node, so that it can still say what it lacks.
import * as module from 'node:module'
import { fileURLToPath } from 'node:url'

const [neededMajor, neededMinor] = [24, 12]
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  console.error(
    `claude-code-orchestrator needs Node ${neededMajor}.${neededMinor} or newer; this is Node ${process.versions.node} (${process.execPath})\n` +
      '  → npm start -- --config <dir> runs it with the Node that npm installs here; or install a newer one from https://nodejs.org',
  )
  process.exit(1)
}

// What was compiled is kept beside the code from one start to the next: a server that was killed is
// back a quarter of a second sooner. Where nothing can be written, nothing is kept.
module.enableCompileCache(fileURLToPath(new URL('.cache/compiled', import.meta.url)))

import('./src/server/main.ts').then(
  // At once, since it may well end by SIGKILL.
  () => {
    module.flushCompileCache()
  },
  (error) => {
    console.error(error)
    process.exitCode = 1
  },
)
