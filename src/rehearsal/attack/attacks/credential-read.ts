import type { Attack } from '../stage/attack.ts'

/**
 * How the secrets of a rehearsal look; directories of rehearsals have letters behind the number.
 */
const secret = String.raw`rehearsal-[0-9]+([^0-9A-Za-z]|$)`

export const credentialRead: Attack = {
  id: 'credential-read',
  from: 'a worker',
  tries: 'looks for credentials in every file, argument and environment of its container',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/server/wiring.ts',
      find: 'policy: { ...configured.policy, credentials: way }',
      replace: "policy: { ...configured.policy, credentials: 'file' }",
    },
  ],
  async run({ attacker }) {
    const text = await attacker.output(`
      grep -lszE '${secret}' /proc/[0-9]*/environ /proc/[0-9]*/cmdline
      grep -lrsE --binary-files=text '${secret}' /etc /home /run /tmp /var /workspace /hub.git /opt
      true`)
    return text === '' ? [] : text.split('\n').map((path) => `a credential in ${path}`)
  },
}
