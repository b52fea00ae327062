import type { InstanceId } from '../../src/core/model/ids.ts'
import type { CheckOutcome, CheckRunner } from '../../src/ports/checks.ts'
import type { InstanceFiles, Login, Logins } from '../../src/ports/instance-files.ts'
import type {
  AgentStatus,
  InstanceNotice,
  Instances,
  LaunchOrder,
} from '../../src/ports/instances.ts'
import type { Runtime } from '../../src/ports/runtime.ts'
import type { ToolOutcome, Workspaces } from '../../src/ports/workspaces.ts'

/** What an agent of the scenario does during its launch; disposed when the launch ends. */
export type ScriptedAgent = (order: LaunchOrder, self: FakeRuntime) => Disposable | undefined

export interface FakeRuntimeOptions {
  readonly agent?: ScriptedAgent
  /** Answers the instance's tools; the default is a success without words. */
  readonly tool?: (instance: InstanceId, argv: readonly string[]) => ToolOutcome
  /** Answers the checks of merged trees; the default is a pass. */
  readonly check?: (
    commit: string,
    commands: readonly string[],
  ) => CheckOutcome | Promise<CheckOutcome>
}

export interface FakeRuntime extends Runtime {
  /** Every launch that was started, oldest first. */
  readonly orders: readonly LaunchOrder[]
  /** The credential that the running launch has now. */
  credentialOf(instance: InstanceId): Readonly<Record<string, string>> | null
  /** The agent renews its login. */
  renew(instance: InstanceId, text: string): void
  /** What the agent says of itself from now on. */
  say(instance: InstanceId, status: AgentStatus | null): void
  /** The agent ends by itself; with `isNoticed: false` only listing shows it. */
  die(instance: InstanceId, cause: string, options?: { readonly isNoticed: boolean }): void
  /** From now on a start gives other tools; the server cannot work with the old ones, or can. */
  upgrade(isUsable?: boolean): void
  /** Until it is called with true, every call to the engine fails; instances keep running. */
  setReachable(isReachable: boolean): void
}

interface Running {
  readonly order: LaunchOrder
  credential: Readonly<Record<string, string>>
  status: AgentStatus | null
  readonly build: number
  script: Disposable | undefined
}

/** Instances in memory: whatever they do is what the scenario's script does. */
export function createFakeRuntime(options: FakeRuntimeOptions = {}): FakeRuntime {
  const agent = options.agent ?? idleAgent
  const orders: LaunchOrder[] = []
  const running = new Map<InstanceId, Running>()
  const listeners = new Set<(notice: InstanceNotice) => void>()
  const { logins, lend, renew } = createFakeLogins()
  let isReachable = true
  let build = 1
  let oldestUsable = 1

  const reach = async <T>(work: () => T): Promise<Awaited<T>> => {
    if (!isReachable) throw new Error('no engine answers')
    return await work()
  }
  const notify = (notice: InstanceNotice): void => {
    for (const listener of [...listeners]) listener(notice)
  }
  const end = (instance: InstanceId): void => {
    const known = running.get(instance)
    running.delete(instance)
    known?.script?.[Symbol.dispose]()
  }
  const start = (order: LaunchOrder): void => {
    const known = running.get(order.instance)
    if (known?.order.launch === order.launch) return
    if (known !== undefined && known.order.launch > order.launch) {
      throw new Error(
        `launch ${order.launch} of ${order.instance} is over: there is launch ` +
          `${known.order.launch}`,
      )
    }
    end(order.instance)
    orders.push(order)
    const entry: Running = {
      order,
      credential: order.credentialEnvironment,
      status: null,
      build,
      script: undefined,
    }
    running.set(order.instance, entry)
    lend(order.instance, order.login)
    entry.script = agent(order, self)
  }

  const instances: Instances = {
    ensureRunning: (order) => reach(() => start(order)),
    ensureStopped: (instance) => reach(() => end(instance)),
    ensureAllStopped: () =>
      reach(() => {
        for (const instance of [...running.keys()]) end(instance)
      }),
    listRunning: () =>
      reach(() =>
        [...running.values()].map(({ order: { instance, launch }, build: own }) => {
          const outdated = { reason: `build ${own}, not ${build}`, isUsable: own >= oldestUsable }
          return { instance, launch, ...(own === build ? {} : { outdated }) }
        }),
      ),
    status: (instance) => running.get(instance)?.status ?? null,
    watch(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    terminalCommand: (instance) => [
      'attach',
      instance,
      String(running.get(instance)?.order.launch ?? 0),
    ],
    externalNameOf: (instance) => `fake-${instance}`,
  }

  const workspaces: Workspaces = {
    runTool: (instance, argv) =>
      reach(() => {
        if (!running.has(instance)) throw new Error(`${instance} is not running`)
        return options.tool?.(instance, argv) ?? { exitCode: 0, stdout: '', stderr: '' }
      }),
    uploadPack: (instance) => ['upload-pack', instance],
    receivePack: (instance) => ['receive-pack', instance],
    salvage: (instance, task) =>
      reach(() => {
        const uploadPack = ['salvage', instance, task]
        const hasWorkspace = orders.some((order) => order.instance === instance)
        return hasWorkspace ? { uploadPack, [Symbol.asyncDispose]: async () => undefined } : null
      }),
  }

  const files: InstanceFiles = {
    logins,
    replaceCredential: (instance, environment) =>
      reach(() => {
        const known = running.get(instance)
        if (known !== undefined) known.credential = environment
      }),
  }

  const checkRunner: CheckRunner = {
    run: (commit, commands) =>
      reach(() => options.check?.(commit, commands) ?? { ok: true, output: '' }),
  }

  const self: FakeRuntime = {
    kind: 'fake',
    ensureUsable: () => reach(() => undefined),
    serverAddress: (port) =>
      reach(() => ({ url: `http://127.0.0.1:${port}`, listenOn: '127.0.0.1' })),
    instances,
    workspaces,
    files,
    carriers: null,
    checkRunner,
    orders,
    renew,
    credentialOf: (instance) => running.get(instance)?.credential ?? null,
    say(instance, status) {
      const known = running.get(instance)
      if (known === undefined || known.status === status) return
      known.status = status
      notify({ type: 'status', instance, status })
    },
    die(instance, cause, { isNoticed } = { isNoticed: true }) {
      const known = running.get(instance)
      end(instance)
      if (known !== undefined && isNoticed)
        notify({ type: 'died', instance, launch: known.order.launch, cause })
    },
    upgrade(isUsable = true) {
      build += 1
      if (!isUsable) oldestUsable = build
    },
    setReachable(value) {
      isReachable = value
    },
  }
  return self
}

const idleAgent: ScriptedAgent = ({ instance }, self) => {
  self.say(instance, 'idle')
  return undefined
}

function createFakeLogins() {
  const placed = new Map<InstanceId, Login>()
  const listeners = new Set<(instance: InstanceId, login: Login) => void>()
  const lend = (instance: InstanceId, login: Login | null): void => {
    if (login === null) return void placed.delete(instance)
    placed.set(instance, login)
    for (const listener of [...listeners]) listener(instance, login)
  }
  const logins: Logins = {
    place: (instance, login) => Promise.resolve(lend(instance, login)),
    look: (instance) => Promise.resolve(placed.get(instance) ?? null),
    take(instance) {
      const taken = placed.get(instance) ?? null
      placed.delete(instance)
      return Promise.resolve(taken)
    },
    borrowersOf: (credential) =>
      Promise.resolve(
        [...placed].filter(([, { id }]) => id === credential).map(([instance]) => instance),
      ),
    watch(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
  const renew = (instance: InstanceId, text: string): void => {
    const login = placed.get(instance)
    if (login !== undefined) lend(instance, { ...login, text })
  }
  return { logins, lend, renew }
}
