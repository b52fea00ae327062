import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { seccompProfile } from './seccomp.ts'
import { allowedCalls, filteredCalls, refusedCalls } from './system-calls.ts'

const headers = [
  '/usr/include/x86_64-linux-gnu/asm/unistd_64.h',
  '/usr/include/asm-generic/unistd.h',
]
const refused = Object.values(refusedCalls).flat()
const sorted = [...allowedCalls, ...filteredCalls, ...refused]

/** Calls of 32-bit machines, and markers of the header that are no calls. */
const isNoCall = (name: string): boolean =>
  /64_64$|_time64$|^(fcntl64|fstat64|fstatat64|fstatfs64|ftruncate64|lstat64|stat64|statfs64)$/.test(
    name,
  ) ||
  /^(truncate64|sendfile64|llseek|mmap2|sync_file_range2|fstatat)$/.test(name) ||
  /^(clock_\w+64|timer_\w+64|timerfd_\w+64)$/.test(name) ||
  ['syscalls', 'arch_specific_syscall'].includes(name)

describe('the seccomp profile', () => {
  it('names each call once', () => {
    expect(sorted.toSorted()).toEqual([...new Set(sorted)].toSorted())
  })

  it.each(headers.filter((path) => existsSync(path)))('decides about each call of %s', (path) => {
    const names = [...readFileSync(path, 'utf8').matchAll(/^#define __NR(?:3264)?_(\w+)/gm)]
    expect(names.length).toBeGreaterThan(300)
    const undecided = names
      .map(([, name = '']) => name)
      .filter((name) => !isNoCall(name) && !sorted.includes(name))
    expect(undecided).toEqual([])
  })

  it('refuses by default, and lets nothing pass that is on the list of refused calls', () => {
    const { defaultAction, syscalls } = JSON.parse(seccompProfile) as {
      defaultAction: string
      syscalls: { names: string[]; action: string; args?: unknown[] }[]
    }
    expect(defaultAction).toBe('SCMP_ACT_ERRNO')
    const passing = syscalls.filter(({ action }) => action === 'SCMP_ACT_ALLOW')
    expect(passing.flatMap(({ names }) => names).filter((name) => refused.includes(name))).toEqual(
      [],
    )
    const filtered = passing.filter(({ names }) =>
      names.some((name) => filteredCalls.includes(name)),
    )
    expect(filtered.every(({ args }) => args !== undefined)).toBe(true)
  })
})
