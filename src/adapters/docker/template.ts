import type Dockerode from 'dockerode'
import type { Owner } from '../../hosting/owned-file.ts'
import { seccompProfile } from './seccomp.ts'

export interface Limits {
  readonly memoryBytes: number
  readonly cpus: number
  readonly pids: number
  /** The largest file; what an instance may write in all is measured elsewhere. */
  readonly diskBytes: number
}

/** `gvisor`: a kernel in user space between the container and that of the machine. */
export type Isolation = 'default' | 'gvisor'

/** The name under which the engine knows gVisor. */
export const gvisorRuntime = 'runsc'

/** The engine's name of no network. */
export const noNetwork = 'none'

/** Everything that varies between our containers; the rest is fixed below. */
export interface ContainerOrder {
  readonly name: string
  readonly image: string
  readonly labels: Readonly<Record<string, string>>
  readonly user: Owner
  readonly limits: Limits
  readonly isolation: Isolation
  /** The run's own network, on which containers do not reach each other; null for none. */
  readonly network: string | null
  readonly command: readonly string[] | null
  /** For every process in it, beside the usual ones. */
  readonly variables: Readonly<Record<string, string>>
  /** Its input and output carry git's protocol, without a terminal. */
  readonly isPipe: boolean
  readonly mounts: Mounts
  /**
   * Home and workspace, where they are not mounted, are volumes of this container, which the engine
   * removes with it. Without them, only the scratch directories are writable.
   */
  readonly hasOwnDisk: boolean
}

/** Host directories by purpose; null when the container uses its own. */
export interface Mounts {
  readonly hub: string
  readonly settings: string | null
  readonly home: string | null
  readonly workspace: string | null
  /** The server's sockets. */
  readonly sockets: string | null
  /** A PEM file with everything that is trusted, in place of the image's. */
  readonly certificates: string | null
  /** The programs of instances; null where none of them runs. */
  readonly tools: string | null
}

/** Those of a container that sees nothing but the hub. */
export const onlyHub = (hub: string): Mounts => ({
  hub,
  settings: null,
  home: null,
  workspace: null,
  sockets: null,
  certificates: null,
  tools: null,
})

/** The user of the image. */
export const imageUser: Owner = { uid: 1000, gid: 1000 }

/** The paths of an instance's parts inside its container. */
export const inside = {
  hub: '/hub.git',
  settings: '/etc/claude-code',
  home: '/home/worker',
  workspace: '/workspace',
  tools: '/usr/local/lib/orchestrator',
  sockets: '/run/orchestrator',
  /** On the container's own loopback. */
  carrier: 'http://127.0.0.1:7701',
  /** Where programs on Debian look without a variable. */
  certificates: '/etc/ssl/certs/ca-certificates.crt',
} as const

/** The only container definition in this system: hardened, and not configurable. */
export function containerOptions(order: ContainerOrder): Dockerode.ContainerCreateOptions {
  if (order.user.uid === 0) throw new Error(`${order.name} would run as root`)
  return {
    name: order.name,
    Image: order.image,
    ...(order.command === null ? {} : { Entrypoint: [...order.command], Cmd: [] }),
    User: `${order.user.uid}:${order.user.gid}`,
    Env: [
      ...[`HOME=${inside.home}`, 'TZ=UTC', 'LANG=C.UTF-8', 'TERM=xterm-256color'],
      ...Object.entries(order.variables).map(([name, value]) => `${name}=${value}`),
    ],
    WorkingDir: inside.home,
    Labels: { ...order.labels },
    Tty: !order.isPipe,
    OpenStdin: true,
    StdinOnce: order.isPipe,
    HostConfig: {
      ...hardening,
      Memory: order.limits.memoryBytes,
      MemorySwap: order.limits.memoryBytes,
      NanoCpus: Math.round(order.limits.cpus * 1e9),
      PidsLimit: order.limits.pids,
      Ulimits: ulimits(order.limits),
      NetworkMode: order.network ?? noNetwork,
      Mounts: [...bindMounts(order.mounts), ...(order.hasOwnDisk ? ownDisk(order.mounts) : [])],
      ...(order.isolation === 'gvisor' ? { Runtime: gvisorRuntime } : {}),
    },
  }
}

/** Memory-backed, counted against the container's memory; builds run programs from it. */
const scratch = 'rw,exec,nosuid,nodev,mode=1777,size=1g'

const hardening = {
  Privileged: false,
  ReadonlyRootfs: true,
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges:true', `seccomp=${seccompProfile}`],
  IpcMode: 'private',
  CgroupnsMode: 'private',
  Init: false,
  Tmpfs: { '/tmp': scratch, '/var/tmp': scratch },
  PublishAllPorts: false,
  RestartPolicy: { Name: 'no' },
  AutoRemove: false,
  LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
} as const

/**
 * Open files of one process: bundlers and test runners with a file watcher hold some thousands. One
 * value, since Node raises a lower first value to the second by itself, and so does `docker exec`.
 * What all processes hold counts as memory of the container. A core dump would write the memory of
 * a process, with its secrets, into the workspace.
 */
const ulimits = ({ diskBytes }: Limits): Dockerode.Ulimit[] => [
  { Name: 'nofile', Soft: 16_384, Hard: 16_384 },
  { Name: 'core', Soft: 0, Hard: 0 },
  { Name: 'fsize', Soft: diskBytes, Hard: diskBytes },
]

/**
 * On the disk, since a working copy with its dependencies is often larger than the memory. A volume
 * without a name begins as what the image has there, with its owner.
 */
const ownDisk = ({ home, workspace }: Mounts): Dockerode.MountSettings[] =>
  [home === null ? inside.home : null, workspace === null ? inside.workspace : null]
    .filter((target) => target !== null)
    .map((target) => ({ Type: 'volume', Source: '', Target: target }))

function bindMounts(mounts: Mounts): Dockerode.MountSettings[] {
  const { hub, settings, home, workspace, sockets, certificates, tools } = mounts
  return [
    bind(hub, inside.hub, true),
    ...(settings === null ? [] : [bind(settings, inside.settings, true)]),
    ...(home === null ? [] : [bind(home, inside.home, false)]),
    ...(workspace === null ? [] : [bind(workspace, inside.workspace, false)]),
    ...(sockets === null ? [] : [bind(sockets, inside.sockets, true)]),
    ...(certificates === null ? [] : [bind(certificates, inside.certificates, true)]),
    ...(tools === null ? [] : [bind(tools, inside.tools, true)]),
  ]
}

function bind(source: string, target: string, isReadOnly: boolean): Dockerode.MountSettings {
  return {
    Type: 'bind',
    Source: source,
    Target: target,
    ReadOnly: isReadOnly,
    BindOptions: { Propagation: 'rprivate' },
  }
}
