import { type Mutant, unit } from './mutant.ts'

/** Bugs of who may read what. */
export const accessMutants: readonly Mutant[] = [
  {
    name: 'other users of the machine read the whole status',
    file: 'src/http/operator/status.ts',
    find: 'roleOf(reply.request, tokens) === null ? publicPart(status()) : status(query)',
    replace: 'roleOf(reply.request, tokens) === undefined ? publicPart(status()) : status(query)',
    killedBy: unit('src/http/other-users.test.ts', 'reads roles, phases, ages and counts'),
  },
  {
    name: 'answers carry the control characters of instances',
    file: 'src/http/server.ts',
    find: 'answerPlainly(people)',
    replace: '',
    killedBy: unit('src/http/hidden-text.test.ts', 'loses them in every answer to people'),
  },
  {
    name: 'every token is of the operator',
    file: 'src/http/access/roles.ts',
    find: "if (isOperator) return 'operator'",
    replace: "if (given !== '') return 'operator'",
    killedBy: unit('src/http/other-users.test.ts', 'is noticed with a mistyped token'),
  },
]
