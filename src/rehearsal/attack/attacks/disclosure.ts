import { readdir, readFile, readlink } from 'node:fs/promises'
import type { Attack } from '../stage/attack.ts'
import { docker } from '../stage/containers.ts'
import { databaseFiles, shownBy } from '../stage/shown.ts'

/** Both may read it: the worker holds it. */
const secretsInside = `
  cd /etc/claude-code/managed-settings.d
  sed -n 's/.*"CLAUDE_CODE_OAUTH_TOKEN": "\\(.*\\)".*/\\1/p' 50-credential.json
  printf '%s\\n' "$ORCHESTRATOR_TOKEN"`

/** As it is, and in the encodings that a program may give it. */
const formsOf = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret)
  return [secret, bytes.toString('base64'), bytes.toString('hex'), encodeURIComponent(secret)]
}

/** Of the processes of this machine outside of the containers. */
async function argumentsOfProcesses(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const namespaceOf = (pid: string) => readlink(`/proc/${pid}/ns/pid`).catch(() => '')
  const own = await namespaceOf('self')
  const all = pids.map(async (pid) => {
    if ((await namespaceOf(pid)) !== own) return ''
    return readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')
  })
  return (await Promise.all(all)).join('\n')
}

/**
 * What a worker prints into its own terminal and its own commits is its own doing, and stays there:
 * what the server writes must not hold it.
 */
export const disclosure: Attack = {
  id: 'disclosure',
  from: 'a worker',
  tries: 'writes its credential and its token into notes, summaries, hooks and questions',
  world: 'file',
  disarmedBy: [
    {
      file: 'src/engine/dispatch/dispatcher.ts',
      find: '...redactAll(event, this.#redact)',
      replace: '...event',
    },
  ],
  async run(stage) {
    const { attacker } = stage
    const [credential = '', token = ''] = (await attacker.output(secretsInside)).split('\n')
    if (!credential.startsWith('sk-ant-') || token.length < 40)
      throw new Error('the worker does not find its secrets')
    const forms = [credential, token].flatMap(formsOf)
    await attacker.tool('report_progress', { note: `The key is ${forms[0]}`.slice(0, 500) })
    const leak = forms.join(' and ')
    await attacker.hook('Notification', { message: leak, notification_type: leak })
    const task = await stage.taskOf(attacker)
    await stage.commit(
      attacker,
      `echo x >"notes/${task}.txt" && git add --all && git commit --quiet --message 'Write it'`,
    )
    await stage.report(attacker, `Done with ${leak}`)
    await stage.settled(task)
    await stage.atWork()
    await attacker.tool('report_blocked', { question: `May I use ${leak}?` })
    const messages = await stage.hub('log', '-9', '--format=%B', 'main')
    const places = [
      ...(await shownBy(stage)),
      ...(await databaseFiles(stage)),
      { place: 'the messages of merges', text: messages },
      { place: 'arguments of processes', text: await argumentsOfProcesses() },
      { place: 'docker inspect', text: await docker('inspect', attacker.container) },
    ]
    if (!messages.includes('Done with')) throw new Error('the merge does not have the summary')
    if (!places[0]?.text.includes('May I use')) throw new Error('the question is not shown')
    const named = forms.map((form, index) => ({
      form,
      name: `${index < 4 ? 'the credential' : 'the token'} (form ${(index % 4) + 1})`,
    }))
    return places.flatMap(({ place, text }) =>
      named.filter(({ form }) => text.includes(form)).map(({ name }) => `${name} in ${place}`),
    )
  },
}
