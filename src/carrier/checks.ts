// The carrier of a check, which has neither hooks nor tools: `checks.ts <sockets>`, a directory.
import { carryConnections } from './connections.ts'

const [sockets = ''] = process.argv.slice(2)
carryConnections(sockets)
