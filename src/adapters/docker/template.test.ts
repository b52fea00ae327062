import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seccompProfile } from './seccomp.ts'
import { containerOptions, type ContainerOrder } from './template.ts'

const path = fc.string()
const anyOrder: fc.Arbitrary<ContainerOrder> = fc.record({
  name: fc.string(),
  image: fc.string(),
  labels: fc.dictionary(fc.string(), fc.string()),
  user: fc.record({ uid: fc.integer({ min: 1 }), gid: fc.integer({ min: 0 }) }),
  limits: fc.record({
    memoryBytes: fc.integer({ min: 1 }),
    cpus: fc.double({ min: 0.1, max: 256, noNaN: true }),
    pids: fc.integer({ min: 1 }),
    diskBytes: fc.integer({ min: 1 }),
  }),
  isolation: fc.constantFrom('default', 'gvisor'),
  variables: fc.dictionary(fc.string(), fc.string()),
  hasOwnDisk: fc.boolean(),
  isPipe: fc.boolean(),
  network: fc.option(fc.string().map((name) => `orchestrator-${name}`)),
  command: fc.option(fc.array(fc.string())),
  mounts: fc.record({
    hub: path,
    settings: fc.option(path),
    home: fc.option(path),
    workspace: fc.option(path),
    sockets: fc.option(path),
    certificates: fc.option(path),
    tools: fc.option(path),
  }),
})

/**
 * Whatever the API would take that loosens a container; each is absent unless it is listed as
 * harmless below.
 */
const allowedKeys = new Set([
  ...[
    'Privileged',
    'ReadonlyRootfs',
    'CapDrop',
    'SecurityOpt',
    'IpcMode',
    'CgroupnsMode',
    'Init',
    'Tmpfs',
    'PublishAllPorts',
  ],
  ...[
    'RestartPolicy',
    'AutoRemove',
    'LogConfig',
    'Memory',
    'MemorySwap',
    'NanoCpus',
    'PidsLimit',
    'Ulimits',
    'Runtime',
    'NetworkMode',
    'Mounts',
  ],
])

describe('a container', () => {
  it('is hardened, whatever it is made for', () => {
    fc.assert(
      fc.property(anyOrder, (order) => {
        const { HostConfig: host = {}, ...container } = containerOptions(order)
        expect(Object.keys(host).filter((key) => !allowedKeys.has(key))).toEqual([])
        expect(host).toMatchObject({
          Privileged: false,
          ReadonlyRootfs: true,
          CapDrop: ['ALL'],
          SecurityOpt: ['no-new-privileges:true', `seccomp=${seccompProfile}`],
          IpcMode: 'private',
          CgroupnsMode: 'private',
          PublishAllPorts: false,
          RestartPolicy: { Name: 'no' },
          Memory: order.limits.memoryBytes,
          MemorySwap: order.limits.memoryBytes,
          PidsLimit: order.limits.pids,
          Ulimits: [
            { Name: 'nofile', Soft: 16_384, Hard: 16_384 },
            { Name: 'core', Soft: 0, Hard: 0 },
            { Name: 'fsize', Soft: order.limits.diskBytes, Hard: order.limits.diskBytes },
          ],
        })
        expect(host.Runtime).toBe(order.isolation === 'gvisor' ? 'runsc' : undefined)
        expect(host.NetworkMode === 'none' || host.NetworkMode?.startsWith('orchestrator-')).toBe(
          true,
        )
        expect(container.User).toBe(`${order.user.uid}:${order.user.gid}`)
        expect(Object.keys(container).toSorted()).toEqual(
          expect.arrayContaining([
            'Env',
            'Image',
            'Labels',
            'OpenStdin',
            'Tty',
            'User',
            'WorkingDir',
            'name',
          ]),
        )
        expect(container.Env?.map((line) => line.split('=')[0])).toEqual([
          'HOME',
          'TZ',
          'LANG',
          'TERM',
          ...Object.keys(order.variables).map((name) => name.split('=')[0]),
        ])
      }),
    )
  })

  it('sees of the host only what it is made for, and writes only its home and its workspace', () => {
    fc.assert(
      fc.property(anyOrder, ({ mounts, ...order }) => {
        const made =
          containerOptions({ ...order, mounts, hasOwnDisk: false }).HostConfig?.Mounts ?? []
        const wanted = [
          { Source: mounts.hub, Target: '/hub.git', ReadOnly: true },
          { Source: mounts.settings, Target: '/etc/claude-code', ReadOnly: true },
          { Source: mounts.home, Target: '/home/worker', ReadOnly: false },
          { Source: mounts.workspace, Target: '/workspace', ReadOnly: false },
          { Source: mounts.sockets, Target: '/run/orchestrator', ReadOnly: true },
          {
            Source: mounts.certificates,
            Target: '/etc/ssl/certs/ca-certificates.crt',
            ReadOnly: true,
          },
          { Source: mounts.tools, Target: '/usr/local/lib/orchestrator', ReadOnly: true },
        ].filter(({ Source }) => Source !== null)
        expect(made.map(({ Source, Target, ReadOnly }) => ({ Source, Target, ReadOnly }))).toEqual(
          wanted,
        )
        expect(
          made.every(
            ({ Type, BindOptions }) => Type === 'bind' && BindOptions?.Propagation === 'rprivate',
          ),
        ).toBe(true)
      }),
    )
  })

  it('has a disk of its own for what is not mounted, and the engine removes it', () => {
    fc.assert(
      fc.property(anyOrder, (order) => {
        const made = containerOptions(order).HostConfig?.Mounts ?? []
        const { home, workspace } = order.mounts
        expect(made.filter(({ Type }) => Type === 'volume')).toEqual(
          [home === null ? '/home/worker' : null, workspace === null ? '/workspace' : null]
            .filter((target) => target !== null && order.hasOwnDisk)
            .map((target) => ({ Type: 'volume', Source: '', Target: target })),
        )
      }),
    )
  })

  it('is never made for root', () => {
    const [order] = fc.sample(anyOrder, 1)
    expect(() =>
      containerOptions({ ...(order as ContainerOrder), user: { uid: 0, gid: 0 } }),
    ).toThrow('would run as root')
  })
})
