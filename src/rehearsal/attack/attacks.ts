import type { Attack } from './stage/attack.ts'
import { backupReading } from './attacks/backup-reading.ts'
import { branch } from './attacks/branch.ts'
import { brickedSlot } from './attacks/bricked-slot.ts'
import { credentialPool } from './attacks/credential-pool.ts'
import { credentialRead } from './attacks/credential-read.ts'
import { disclosure } from './attacks/disclosure.ts'
import { disk } from './attacks/disk.ts'
import { download } from './attacks/download.ts'
import { egressNames } from './attacks/egress-names.ts'
import { engineAccess } from './attacks/engine-access.ts'
import { flood } from './attacks/flood.ts'
import { foreignAuthor } from './attacks/foreign-author.ts'
import { foreignPage } from './attacks/foreign-page.ts'
import { gatewayExits } from './attacks/gateway-exits.ts'
import { gitConfig } from './attacks/git-config.ts'
import { homeLeftovers } from './attacks/home-leftovers.ts'
import { hubGrowth } from './attacks/hub-growth.ts'
import { instanceToken } from './attacks/instance-token.ts'
import { localUser } from './attacks/local-user.ts'
import { loginLink } from './attacks/login-link.ts'
import { longConflict } from './attacks/long-conflict.ts'
import { managerText } from './attacks/manager-text.ts'
import { mergeText } from './attacks/merge-text.ts'
import { network, proxiedNetwork } from './attacks/network.ts'
import { originRedirect } from './attacks/origin-redirect.ts'
import { protectedPath } from './attacks/protected-path.ts'
import { registryPublish } from './attacks/registry-publish.ts'
import { repositorySettings } from './attacks/repository-settings.ts'
import { repositoryUrl } from './attacks/repository-url.ts'
import { sessionCookie } from './attacks/session-cookie.ts'
import { systemCalls } from './attacks/system-calls.ts'
import { taskListLink } from './attacks/task-list-link.ts'
import { terminalText } from './attacks/terminal-text.ts'
import { usageForgery } from './attacks/usage-forgery.ts'
import { workBomb } from './attacks/work-bomb.ts'

export const attacks: readonly Attack[] = [
  repositorySettings,
  branch,
  protectedPath,
  engineAccess,
  credentialRead,
  loginLink,
  repositoryUrl,
  originRedirect,
  network,
  proxiedNetwork,
  egressNames,
  registryPublish,
  instanceToken,
  foreignPage,
  sessionCookie,
  localUser,
  terminalText,
  flood,
  usageForgery,
  gatewayExits,
  systemCalls,
  download,
  disclosure,
  // It ends with a worker that waits for a person.
  credentialPool,
  gitConfig,
  taskListLink,
  workBomb,
  hubGrowth,
  backupReading,
  mergeText,
  managerText,
  foreignAuthor,
  longConflict,
  homeLeftovers,
  brickedSlot,
  disk,
]
