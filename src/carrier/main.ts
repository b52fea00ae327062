// The resident program of an instance in a container. It takes the hooks of Claude Code, its calls
// of tools and, in a container without a network, its connections, and brings them to the server.
//   main.ts <tools> [<pipe>]   the directory of tools that the server may ask to run; a line is
//                              written into the pipe when it listens
import { join } from 'node:path'
import { carryConnections } from './connections.ts'
import { Delivery } from './delivery.ts'
import { readEnvironment } from './environment.ts'
import { HookRoute } from './hook-route.ts'
import { listenAgain } from './listen-again.ts'
import { createLoopback } from './loopback.ts'
import { Outbox } from './outbox.ts'
import { poke, readPokes } from './poke.ts'
import { toolsIn } from './run-tool.ts'
import { connectToServer } from './server-client.ts'
import { Spool } from './spool.ts'
import { ToolRoute } from './tool-route.ts'
import { ToolRuns } from './tool-runs.ts'
import { ToolServer } from './tool-server.ts'

const environment = readEnvironment(process.env)
const { sockets, outbox: directory, workspace, launch, port } = environment
const [toolDirectory = '', pipe] = process.argv.slice(2)
if (sockets !== null) carryConnections(sockets)

const post = connectToServer(environment)
const delivery = new Delivery({ outbox: new Outbox(directory, launch), post, launch })
const hooks = new HookRoute(delivery, new Spool(join(directory, 'spool')))
const tools = new ToolServer(post)

// What an earlier launch of this program could not deliver.
delivery.begin()
hooks.takeSpooled()
readPokes(join(directory, 'spooled'), () => hooks.takeSpooled())
tools.list().catch(() => undefined)

void new ToolRuns(post, toolsIn(toolDirectory, workspace)).serve()

listenAgain(createLoopback(hooks, new ToolRoute(tools)), port, () => {
  if (pipe !== undefined) poke(pipe, 'ready\n')
})
