import { allowedCalls } from './system-calls.ts'

/** What the engine's API takes, as JSON, for `seccomp=`. */
interface Profile {
  readonly defaultAction: string
  readonly syscalls: readonly Rule[]
}

interface Rule {
  readonly names: readonly string[]
  readonly action: string
  /** All must hold. */
  readonly args?: readonly Condition[]
  readonly errnoRet?: number
}

interface Condition {
  readonly index: number
  /** The bits that are compared. */
  readonly value: number
  /** What these bits must be. */
  readonly valueTwo: number
  readonly op: 'SCMP_CMP_MASKED_EQ'
}

/** Flags of clone(2) that make a namespace. */
const namespaceFlags = {
  mount: 0x0002_0000,
  cgroup: 0x0200_0000,
  uts: 0x0400_0000,
  ipc: 0x0800_0000,
  user: 0x1000_0000,
  pid: 0x2000_0000,
  net: 0x4000_0000,
}

const unix = 1
const inet = 2
const inet6 = 10
const netlink = 16
/** The protocol of netlink with which a program lists its own network interfaces. */
const route = 0

/**
 * Values for personality(2): Linux, 32-bit names in uname, addresses that stay the same (debuggers
 * and sanitizers ask for it), and the question which one applies.
 */
const personalities = [0, 8, 0x0004_0000, 0xffff_ffff]

/** The C library then uses clone, whose flags the filter can read. */
const ENOSYS = 38

/**
 * An allow-list: everything else fails with EPERM. Only the calls of the machine's own architecture
 * pass: 32-bit programs on a 64-bit machine do not run.
 *
 * Of sockets, only Unix, IPv4, IPv6 and routing netlink: the address families of virtual machines
 * (vsock), of the kernel's cryptography and of raw packets are not part of a network namespace, or
 * have a history of holes.
 */
const profile: Profile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [
    allow(allowedCalls),
    allow(['clone'], masked(0, sum(Object.values(namespaceFlags)), 0)),
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    ...personalities.map((value) => allow(['personality'], equals(0, value))),
    ...[unix, inet, inet6].map((family) => allow(['socket'], equals(0, family))),
    allow(['socket'], equals(0, netlink), equals(2, route)),
  ],
}

export const seccompProfile = JSON.stringify(profile)

function allow(names: readonly string[], ...args: readonly Condition[]): Rule {
  return { names, action: 'SCMP_ACT_ALLOW', ...(args.length === 0 ? {} : { args }) }
}

function masked(index: number, mask: number, value: number): Condition {
  return { index, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' }
}

/**
 * The kernel reads the lower half of the register; a filter that compared all of it would differ.
 */
function equals(index: number, value: number): Condition {
  return masked(index, 0xffff_ffff, value)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
