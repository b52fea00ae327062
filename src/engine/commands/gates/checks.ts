import type { Gate } from './gate.ts'

/** The operator's commands pass on the tree of the candidate. */
export const checksGate: Gate = {
  name: 'checks',
  isConfigured: ({ checks }) => checks.commands.length > 0,
  async isOpenFor({ commit }, { checkRunner, checks }) {
    const { commands, timeoutMs } = checks
    const { ok, output, position = 0 } = await checkRunner.run(commit, commands, timeoutMs)
    return ok ? { passed: true } : { passed: false, output, position }
  },
}
