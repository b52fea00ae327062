import { describe, expect, it } from 'vitest'
import { refusalOf } from './confinement.ts'

const able = { SecurityOptions: ['name=seccomp,profile=default'], Runtimes: { runc: {} } }

describe('an engine', () => {
  it('is used when it filters system calls', () => {
    expect(refusalOf(able, 'default')).toBeNull()
    expect(refusalOf({ ...able, SecurityOptions: ['seccomp'] }, 'default')).toBeNull()
  })

  it('is refused when it filters none', () => {
    expect(refusalOf({ ...able, SecurityOptions: ['name=apparmor'] }, 'default')).toMatch(/seccomp/)
    expect(refusalOf({ Runtimes: {} }, 'gvisor')).toMatch(/seccomp/)
  })

  it('is refused for gVisor that it does not have, with the way out', () => {
    expect(refusalOf(able, 'gvisor')).toMatch(
      /"isolation" is "gvisor".*names runc.*runsc install.*"isolation" to "default"/,
    )
    expect(refusalOf({ ...able, Runtimes: { runc: {}, runsc: {} } }, 'gvisor')).toBeNull()
  })
})
