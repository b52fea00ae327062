import type Dockerode from 'dockerode'
import type { Owner } from '../../hosting/owned-file.ts'

export interface Limits {
  readonly memoryBytes: number
  readonly cpus: number
  readonly pids: number
}

/** Everything that varies between our containers; the rest is fixed below. */
export interface ContainerOrder {
  readonly name: string
  readonly image: string
  readonly labels: Readonly<Record<string, string>>
  readonly user: Owner
  readonly limits: Limits
  /** The run's own network; null for no network at all. */
  readonly network: string | null
  readonly command: readonly string[] | null
  /** Its input and output carry git's protocol, without a terminal. */
  readonly isPipe: boolean
  readonly mounts: Mounts
}

/** Host directories by purpose; null when the container uses its own. */
export interface Mounts {
  readonly hub: string
  readonly settings: string | null
  readonly home: string | null
  readonly workspace: string | null
}

/** The user of the image. */
export const imageUser: Owner = { uid: 1000, gid: 1000 }

/** The paths of an instance's parts inside its container. */
export const inside = {
  hub: '/hub.git',
  settings: '/etc/claude-code',
  home: '/home/worker',
  workspace: '/workspace',
  tools: '/usr/local/lib/orchestrator',
} as const

/** The only container definition in this system: hardened, and not configurable. */
export function containerOptions(order: ContainerOrder): Dockerode.ContainerCreateOptions {
  if (order.user.uid === 0) throw new Error(`${order.name} would run as root`)
  return {
    name: order.name,
    Image: order.image,
    ...(order.command === null ? {} : { Entrypoint: [...order.command], Cmd: [] }),
    User: `${order.user.uid}:${order.user.gid}`,
    Env: [`HOME=${inside.home}`, 'TZ=UTC', 'LANG=C.UTF-8', 'TERM=xterm-256color'],
    WorkingDir: inside.home,
    Labels: { ...order.labels },
    Tty: !order.isPipe,
    OpenStdin: true,
    StdinOnce: order.isPipe,
    HostConfig: {
      ...hardening,
      ReadonlyRootfs: order.mounts.home !== null,
      Memory: order.limits.memoryBytes,
      MemorySwap: order.limits.memoryBytes,
      NanoCpus: Math.round(order.limits.cpus * 1e9),
      PidsLimit: order.limits.pids,
      NetworkMode: order.network ?? 'none',
      Mounts: bindMounts(order.mounts),
    },
  }
}

/** Memory-backed, counted against the container's memory; builds run programs from it. */
const scratch = 'rw,exec,nosuid,nodev,mode=1777,size=1g'

const hardening = {
  Privileged: false,
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges:true'],
  IpcMode: 'private',
  CgroupnsMode: 'private',
  Init: false,
  Tmpfs: { '/tmp': scratch, '/var/tmp': scratch },
  PublishAllPorts: false,
  RestartPolicy: { Name: 'no' },
  AutoRemove: false,
  LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
} as const

function bindMounts({ hub, settings, home, workspace }: Mounts): Dockerode.MountSettings[] {
  return [
    bind(hub, inside.hub, true),
    ...(settings === null ? [] : [bind(settings, inside.settings, true)]),
    ...(home === null ? [] : [bind(home, inside.home, false)]),
    ...(workspace === null ? [] : [bind(workspace, inside.workspace, false)]),
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
