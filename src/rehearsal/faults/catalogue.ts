import { hostFaults } from './host-faults.ts'
import { peopleFaults } from './people-faults.ts'
import { repositoryFaults } from './repository-faults.ts'
import { teamFaults } from './team-faults.ts'

/**
 * Where a fault can be injected: simulated parts, a chaos run, a test on real parts, a call at
 * which the server kills itself.
 */
export type FaultRig = 'simulation' | 'chaos' | 'e2e' | 'failpoint'

interface CatalogueEntry {
  /** What fails, in a sentence. */
  readonly what: string
  readonly in: readonly FaultRig[]
}

/**
 * Every fault under its one name. The rigs take their names from here: the compiler refuses one
 * that a rig lacks or adds, and `test/architecture/faults.test.ts` one that it names but never
 * injects.
 */
export const faultCatalogue = {
  // The server.
  'server-kill': {
    what: 'The server is killed and started again.',
    in: ['simulation', 'chaos', 'e2e'],
  },
  'server-kill-and-wait': {
    what: 'The server is killed and started again after a while.',
    in: ['chaos', 'e2e'],
  },
  'server-kill-at-call': {
    what: 'The server dies before or after a call to a port.',
    in: ['simulation', 'failpoint'],
  },
  'server-kill-at-commit': {
    what: 'The server dies before or after a commit.',
    in: ['simulation', 'failpoint'],
  },
  'server-term': {
    what: 'The server is stopped with SIGTERM and started again.',
    in: ['simulation', 'chaos'],
  },
  'server-freeze': {
    what: 'The server is stopped with SIGSTOP and continued after a while.',
    in: ['chaos'],
  },
  'tools-upgraded': {
    what: 'The server starts again with another image or other tools for instances.',
    in: ['simulation'],
  },
  'second-server': { what: 'Another server is started on the same state.', in: ['chaos'] },
  // The machine.
  'state-disk-full': { what: 'The disk of the state is full.', in: ['simulation'] },
  'clock-jump': { what: 'The clock is set ahead or back.', in: ['simulation', 'e2e'] },
  'host-reboot': {
    what: 'The server, its containers and its terminals die together.',
    in: ['simulation', 'e2e'],
  },
  // Calls to git, to the engine and to tmux.
  'call-fails': { what: 'A call to a port fails.', in: ['simulation'] },
  'call-slow': { what: 'A call to a port takes long.', in: ['simulation'] },
  'call-hangs': {
    what: 'A call to a port is not answered until its time limit ends it.',
    in: ['simulation'],
  },
  'answer-lost': {
    what: 'A call has its effect, and its answer is lost.',
    in: ['simulation', 'e2e'],
  },
  'engine-slow': { what: 'The engine answers late.', in: ['e2e'] },
  'engine-hangs': {
    what: 'The engine accepts calls and answers none.',
    in: ['chaos'],
  },
  'engine-away': { what: 'The engine cannot be reached.', in: ['simulation', 'e2e'] },
  'notice-lost': { what: 'A notice of the engine is lost.', in: ['simulation'] },
  'notice-late': { what: 'A notice of the engine is late.', in: ['simulation'] },
  'terminals-kill': {
    what: 'The tmux of the run is killed.',
    in: ['simulation', 'chaos', 'e2e'],
  },
  'terminal-close': { what: 'One tmux session is closed.', in: ['chaos'] },
  'check-fails': { what: 'A check fails on the merged tree.', in: ['simulation'] },
  'check-slow': { what: 'A check takes many minutes.', in: ['simulation'] },
  'check-hangs': { what: 'A check does nothing until its time limit ends it.', in: ['simulation'] },
  'checks-broken': {
    what: 'The checks fail on every commit for a while.',
    in: ['simulation'],
  },
  'checks-never-pass': {
    what: 'The checks fail on the work of a task, or on a branch, until a person answers.',
    in: ['simulation'],
  },
  'checks-answered': {
    what: 'A human answers for a branch that fails its checks.',
    in: ['simulation'],
  },
  // Instances.
  'container-kill': {
    what: 'The container of an instance is killed.',
    in: ['simulation', 'chaos', 'e2e'],
  },
  'agent-kill': {
    what: 'Claude Code is killed while its container lives.',
    in: ['chaos', 'e2e'],
  },
  'tool-kill': { what: 'The commands that Claude Code runs are killed.', in: ['chaos'] },
  'carrier-kill': {
    what: 'The carrier of hooks and tools is killed.',
    in: ['chaos', 'e2e'],
  },
  'container-pause': { what: 'A container is paused for a while.', in: ['chaos', 'e2e'] },
  'network-cut': { what: 'A container has no connections for a while.', in: ['chaos'] },
  'transcript-cut': {
    what: 'The end of the conversation is lost or damaged, and the container is killed.',
    in: ['chaos', 'e2e'],
  },
  interrupt: {
    what: 'Escape in the terminal ends a turn without a Stop.',
    in: ['chaos', 'e2e'],
  },
  zombie: { what: 'A launch that was ended goes on sending.', in: ['simulation'] },
  'worker-disk-full': { what: 'A worker fills its disk.', in: ['e2e'] },
  'worker-memory-full': { what: 'A worker uses all its memory.', in: ['e2e'] },
  'worker-fork-bomb': { what: 'A worker starts processes without end.', in: ['e2e'] },
  'checkout-slow': {
    what: 'The files of a workspace are checked out for minutes, or stop being checked out.',
    in: ['simulation'],
  },
  'workspace-stuck': { what: 'A script of the workspace fails.', in: ['simulation'] },
  // Hooks and prompts.
  'hook-late': { what: 'A hook arrives late.', in: ['simulation'] },
  'hooks-gather': { what: 'The hooks of seconds are committed at once.', in: ['simulation'] },
  'hook-doubled': { what: 'A hook arrives twice.', in: ['simulation'] },
  'hook-lost': { what: 'A hook never arrives.', in: ['simulation', 'e2e'] },
  'hook-again': {
    what: 'A hook arrives once more, late or from an older launch.',
    in: ['simulation', 'e2e'],
  },
  'enter-lost': { what: 'The Enter of a prompt is lost.', in: ['simulation'] },
  // The model.
  'model-refusal': { what: 'The model refuses, for any of its reasons.', in: ['simulation'] },
  'usage-forged': {
    what: 'A worker reports a used-up window of its credential that is not used up.',
    in: ['simulation'],
  },
  'limit-unnamed': {
    what: 'The model refuses a key for a limit that Claude Code does not name.',
    in: ['simulation'],
  },
  'model-throttle': { what: 'The model answers 429 for a while.', in: ['chaos'] },
  'model-quota': { what: 'A usage window is used up.', in: ['chaos'] },
  'model-overload': { what: 'The model answers 529 for a while.', in: ['chaos'] },
  'model-error': { what: 'The model answers 500 for a while.', in: ['chaos'] },
  'model-hang': { what: 'The model sends nothing.', in: ['simulation', 'chaos', 'e2e'] },
  'model-cut': { what: 'The answer of the model breaks off.', in: ['chaos'] },
  'turn-long': {
    what: 'A tool runs for hours without a sign of life.',
    in: ['simulation'],
  },
  'turn-hangs': { what: 'A tool never ends.', in: ['simulation'] },
  'turn-without-stop': { what: 'A turn ends by a model error, without a Stop.', in: ['e2e'] },
  ...teamFaults,
  ...hostFaults,
  // Credentials.
  'pool-changes': {
    what: 'A credential is exchanged, or goes and comes back.',
    in: ['simulation'],
  },
  'rotation-unread': { what: 'Claude Code does not read its new credential.', in: ['simulation'] },
  'credential-rewrite': { what: 'A credential file is replaced by the same.', in: ['chaos'] },
  'credential-rotate': { what: 'A credential file gets a new secret.', in: ['chaos'] },
  'credential-truncate': { what: 'Half of a credential file is missing.', in: ['chaos'] },
  'credential-unreadable': { what: 'A credential file has the wrong mode.', in: ['chaos'] },
  ...repositoryFaults,
  ...peopleFaults,
  // Clients.
  'client-never-reads': { what: 'A reader of the event stream never reads.', in: ['e2e'] },
} as const satisfies Readonly<Record<string, CatalogueEntry>>

type Catalogue = typeof faultCatalogue

/** The names of the faults that a rig injects. */
export type FaultIn<Rig extends FaultRig> = {
  [Id in keyof Catalogue]: Rig extends Catalogue[Id]['in'][number] ? Id : never
}[keyof Catalogue]

export const faultsIn = (rig: FaultRig): readonly string[] =>
  Object.entries(faultCatalogue as Readonly<Record<string, CatalogueEntry>>).flatMap(
    ([id, entry]) => (entry.in.includes(rig) ? [id] : []),
  )
