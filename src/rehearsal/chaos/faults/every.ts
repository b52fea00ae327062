import type { KindName } from '../world/fault-kinds.ts'
import type { Inject } from '../world/fault-context.ts'
import {
  hideCredential,
  leaveLock,
  rewriteCredential,
  rotateCredential,
  truncateCredential,
} from './files.ts'
import {
  closeTerminal,
  cutNetwork,
  cutTranscript,
  interrupt,
  killAgent,
  killCarrier,
  killContainer,
  killTerminals,
  killTool,
  pauseContainer,
} from './instance.ts'
import { hangEngine } from './engine.ts'
import { cut, failInside, hang, overload, quota, throttle } from './model.ts'
import {
  deleteTaskList,
  direct,
  pushByHand,
  pushConflict,
  rewriteOrigin,
  tickByHand,
} from './people.ts'
import { hangOrigin, hideOrigin, refusePushes, slowPushes } from './origin.ts'
import { amendWork, squashWork, takeOneSide } from './work.ts'
import { freezeServer, killServer, startSecondServer, stopServer } from './server.ts'

export const faults: Readonly<Record<KindName, Inject>> = {
  'server-kill': killServer,
  'server-kill-and-wait': killServer,
  'server-term': stopServer,
  'server-freeze': freezeServer,
  'second-server': startSecondServer,
  'engine-hangs': hangEngine,
  'container-kill': killContainer,
  'agent-kill': killAgent,
  'tool-kill': killTool,
  'carrier-kill': killCarrier,
  'container-pause': pauseContainer,
  'network-cut': cutNetwork,
  'transcript-cut': cutTranscript,
  interrupt,
  'terminals-kill': killTerminals,
  'terminal-close': closeTerminal,
  'model-throttle': throttle,
  'model-quota': quota,
  'model-overload': overload,
  'model-error': failInside,
  'model-hang': hang,
  'model-cut': cut,
  'work-amended': amendWork,
  'work-squashed': squashWork,
  'work-one-sided': takeOneSide,
  'human-push': pushByHand,
  'human-directs': direct,
  'human-plans': tickByHand,
  'list-deleted': deleteTaskList,
  'publish-refused': refusePushes,
  'origin-slow': slowPushes,
  'origin-hangs': hangOrigin,
  'origin-conflict': pushConflict,
  'origin-rewritten': rewriteOrigin,
  'origin-away': hideOrigin,
  'git-lock': leaveLock,
  'credential-rewrite': rewriteCredential,
  'credential-rotate': rotateCredential,
  'credential-truncate': truncateCredential,
  'credential-unreadable': hideCredential,
}
