import { z } from 'zod'
import { RefusedSetting } from '../../ports/refused-setting.ts'
import type { Engine } from './engine.ts'
import { engineFailure } from './failure.ts'
import { gvisorRuntime, type Isolation } from './template.ts'

/** What `docker info` says, as far as it is read here. */
const infoShape = z.object({
  SecurityOptions: z.array(z.string()).nullish(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
})
type EngineInfo = z.infer<typeof infoShape>

/** Throws, with the way out, unless the engine can confine containers as they are defined. */
export async function ensureConfinement(
  { api, address }: Engine,
  isolation: Isolation,
): Promise<void> {
  const info: unknown = await api.info().catch((error: unknown) => {
    throw engineFailure('asking the Docker engine what it can do', error, address)
  })
  const refusal = refusalOf(infoShape.parse(info), isolation)
  if (refusal !== null) throw new RefusedSetting(refusal)
}

/** Why the engine cannot confine containers; null when it can. */
export function refusalOf(
  { SecurityOptions, Runtimes }: EngineInfo,
  isolation: Isolation,
): string | null {
  if (!(SecurityOptions ?? []).some((option) => /^(name=)?seccomp(,|$)/.test(option)))
    return (
      'the Docker engine filters no system calls (docker info names no seccomp under Security ' +
      'Options), so containers would reach all of the kernel. Use an engine and a kernel with ' +
      'seccomp'
    )
  const runtimes = Object.keys(Runtimes ?? {})
  if (isolation === 'gvisor' && !runtimes.includes(gvisorRuntime))
    return (
      `"isolation" is "gvisor", but the Docker engine has no runtime ${gvisorRuntime} (docker info ` +
      `names ${runtimes.join(', ') || 'none'}). Install gVisor and register it (sudo runsc install ` +
      '-- --host-uds=open, then sudo systemctl restart docker), or set "isolation" to "default"'
    )
  return null
}
