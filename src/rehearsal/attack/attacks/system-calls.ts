import type { Attack } from '../stage/attack.ts'
import { trySystemCalls } from '../stage/system-calls.ts'

export const systemCalls: Attack = {
  id: 'system-calls',
  from: 'a worker',
  tries: 'io_uring, userfaultfd, keys, bpf, perf, mounts, namespaces, odd sockets',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/docker/template.ts',
      find: '`seccomp=${seccompProfile}`',
      replace: "'seccomp=unconfined'",
    },
  ],
  run: ({ attacker }) => trySystemCalls(attacker),
}
