import { instance, key, type Step } from './walk-step.ts'

/** Steps of what an instance waits for: its rotation, the answer to `/clear`, its prompt. */
export const waitSteps: Readonly<Record<string, Step>> = {
  placed: instance(
    (run, { id, rotation }) =>
      rotation !== null &&
      run.when({
        type: 'credential-placed',
        credential: rotation.credential,
        ...run.from(id),
      }),
  ),
  'not placed': instance((run, { id, rotation }, n) =>
    run.when({
      type: 'credential-not-replaced',
      credential: n % 3 === 0 ? key(n) : (rotation?.credential ?? key(n)),
      reason: 'no',
      ...run.from(id),
    }),
  ),
  read: instance((run, { id }) => run.when({ type: 'settings-read', ...run.from(id) })),
  replaced: instance(
    (run, { id, credential }) =>
      credential !== null && run.when({ type: 'credential-replaced', credential, ...run.from(id) }),
  ),
  'clear typed': instance(
    (run, { id, phase }) =>
      phase.name === 'prompted' &&
      run.when({
        type: 'clear-typed',
        prompt: phase.prompt.id,
        tries: phase.tries,
        ...run.from(id),
      }),
  ),
  progressed: instance((run, { id }) =>
    run.when({ type: 'workspace-progressed', ...run.from(id) }),
  ),
  busy: instance((run, { id }, n) =>
    run.when({ type: 'instance-busy', tool: n % 2 === 0 ? 'x' : null, ...run.from(id) }),
  ),
  interrupted: instance((run, { id }) => run.when({ type: 'turn-interrupted', ...run.from(id) })),
  'not interrupted': instance((run, { id }) =>
    run.when({
      type: 'command-failed',
      command: 'interrupt-turn',
      reason: 'no',
      ...run.from(id),
    }),
  ),
  outdated: instance((run, { id }, n) =>
    run.when({
      type: 'instance-outdated',
      reason: `build ${n % 2}`,
      isUsable: n % 3 > 0,
      ...run.from(id),
    }),
  ),
  cleared: instance((run, { id }) => run.cleared(id)),
  'not sent': instance(
    (run, { id, phase }, n) =>
      phase.name === 'prompted' &&
      run.when({
        type: 'prompt-not-sent',
        prompt: phase.prompt.id,
        obstacle: n % 2 === 0 ? 'limit' : 'busy',
        isHopeless: n % 5 === 4,
        ...run.from(id),
      }),
  ),
}
