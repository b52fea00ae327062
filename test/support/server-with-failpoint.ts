import { runServer } from '../../src/server/run.ts'
import { parseFailpoint, withFailpoint } from './failpoint.ts'

/** The server as `server.js` runs it, but it kills itself at the call that FAILPOINT names. */
const failpoint = parseFailpoint(process.env['FAILPOINT'] ?? '')

await runServer(process.argv, {
  decorate: (name, port) => withFailpoint(name, port, failpoint),
})
