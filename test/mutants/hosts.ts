import { type Mutant, unit } from './mutant.ts'

const tests = 'src/core/events/host-events.test.ts'

/** Bugs of what people are asked about other hosts. */
export const hostMutants: readonly Mutant[] = [
  {
    name: 'a host is asked about although it was allowed meanwhile',
    file: 'src/core/events/host-events.ts',
    find: 'if (allowed.some((entry) => isCoveredBy(host, entry)))',
    replace: 'if (allowed.length < 0)',
    killedBy: unit(tests, 'is not shown when the report comes after a person allowed it'),
  },
  {
    name: 'a pattern of one network allows public hosts',
    file: 'src/core/model/hosts.ts',
    find: 'entry.endsWith(pattern.slice(1))',
    replace: "entry.endsWith(pattern.slice(1).split(' ')[0] ?? '')",
    killedBy: unit(tests, 'is no longer shown once a person allows every name below another'),
  },
  {
    name: 'an instance fills the list of refused hosts',
    file: 'src/core/events/host-events.ts',
    find: 'length >= mostRefused',
    replace: 'length < 0',
    killedBy: unit(tests, 'is not recorded when an instance asks for any number of names'),
  },
]
