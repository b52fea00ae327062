import { type Mutant, unit } from './mutant.ts'

/** Bugs of who may read what. */
export const accessMutants: readonly Mutant[] = [
  {
    name: 'other users of the machine read the whole status',
    file: 'src/http/operator/status.ts',
    find: 'roleOf(reply.request, access) === null ? publicPart(status()) : status(query)',
    replace: 'roleOf(reply.request, access) === undefined ? publicPart(status()) : status(query)',
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
    file: 'src/http/access/tokens.ts',
    find: "if (isOperator) return 'operator'",
    replace: "if (given !== '') return 'operator'",
    killedBy: unit('src/http/other-users.test.ts', 'is noticed with a mistyped token'),
  },
  {
    name: 'a cookie alone changes things',
    file: 'src/http/access/roles.ts',
    find: 'if (caller.login !== null) requireOwnPage(request)',
    replace: '',
    killedBy: unit('src/http/stolen-cookies.test.ts', 'changes nothing by a form without headers'),
  },
  {
    name: 'a cookie stands in for a wrong token',
    file: 'src/http/access/caller.ts',
    find: 'return role === null ? null : { role, login: null }',
    replace: 'if (role !== null) return { role, login: null }',
    killedBy: unit('src/http/stolen-cookies.test.ts', 'does not stand in for a wrong token'),
  },
  {
    name: 'the first of two cookies counts',
    file: 'src/http/access/caller.ts',
    find: 'others.length > 0 ? null',
    replace: 'others.length < 0 ? null',
    killedBy: unit(
      'src/http/operator/sessions.test.ts',
      'does not count next to another one that is open',
    ),
  },
  {
    name: 'a session outlives its token',
    file: 'src/http/access/sessions.ts',
    find: 'const role = kept && this.#roles.get(kept.tokenHash)',
    replace: "const role = kept && (this.#roles.get(kept.tokenHash) ?? 'operator')",
    killedBy: unit('src/http/stolen-cookies.test.ts', 'ends with the token that made it'),
  },
  {
    name: 'wrong tokens never wait',
    file: 'src/http/operator/sessions.ts',
    find: 'if (waitMs > 0) {',
    replace: 'if (waitMs < 0) {',
    killedBy: unit(
      'src/http/operator/sessions.test.ts',
      'make others of their address wait, and say for how long',
    ),
  },
]
