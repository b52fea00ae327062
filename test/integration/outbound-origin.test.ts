import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostBundle } from '../../src/outbound/certificates.ts'
import { originEnvironment } from '../../src/outbound/origin-environment.ts'
import type { Outbound } from '../../src/outbound/outbound.ts'
import { serveGit } from './git-http.ts'
import { openStage, operator, type Stage } from './git-stage.ts'
import {
  type Authority,
  makeAuthority,
  outboundOf,
  secretForms,
  startCompanyProxy,
  startSecure,
} from './outbound-stage.ts'

const host = 'git.company-test.example'
const origin = `https://${host}/origin.git`

/** An origin on the other side of the company's proxy, with the company's certificate. */
async function openScene(stage: Stage) {
  const authority = makeAuthority(await mkdtemp(join(stage.directory, 'authority-')))
  const port = await startSecure(authority, host, serveGit(stage))
  const proxy = await startCompanyProxy({ [`${host}:443`]: port })
  return { authority, proxy }
}

async function reach(stage: Stage, outbound: Outbound, authority: Authority | null) {
  const bundle = authority === null ? null : join(stage.directory, 'trusted.pem')
  if (bundle !== null) await writeFile(bundle, hostBundle(outbound.certificates))
  const environment = await originEnvironment(operator, { host, outbound, bundle })
  return stage.repository({ origin, environment })
}

describe('an https origin behind a company’s proxy', () => {
  it('is fetched from and pushed to through the proxy', async () => {
    await using stage = await openStage()
    const { authority, proxy } = await openScene(stage)
    const repository = await reach(stage, outboundOf(proxy.url, authority), authority)
    const { head } = await repository.ensureReady()
    await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x' }, 'Write\n')
    expect(await repository.publish()).toMatchObject({ type: 'published' })
    expect(await stage.readOrigin('main', 'WORKER_1_TASK_LIST.md')).toBe('x')
    expect(await repository.head()).not.toBe(head)
    expect(new Set(proxy.passed)).toEqual(new Set([`${host}:443`]))
    // Git asks without the password first, to see which kind is wanted.
    expect(new Set(proxy.refused)).toEqual(new Set([`${host}:443`]))
  })

  it('is not reached without the proxy, without the certificate, or with a wrong password', async () => {
    await using stage = await openStage()
    const { authority, proxy } = await openScene(stage)
    const complaintWith = async (outbound: Outbound, trusted: Authority | null) => {
      const repository = await reach(stage, outbound, trusted)
      const complaint = await repository.ensureReady().then(String, String)
      for (const secret of secretForms) expect(complaint).not.toContain(secret)
      return complaint
    }
    expect(await complaintWith(outboundOf(null, authority), authority)).toMatch(
      /Could not resolve host: git\.company-test\.example/,
    )
    expect(proxy.passed).toEqual([])
    expect(await complaintWith(outboundOf(proxy.url, null), null)).toMatch(
      /certificate.*name your company's certificates in "caFile"/,
    )
    expect(await complaintWith(outboundOf(proxy.refusedUrl, authority), authority)).toMatch(
      /407.*the upstream proxy refuses the user name and password/,
    )
  })
})

describe('git at the origin', () => {
  const settle = (environment: NodeJS.ProcessEnv, at: string | null, proxy: string | null) =>
    originEnvironment(environment, {
      host: at,
      outbound: {
        ...outboundOf(proxy === null ? null : new URL(proxy), null),
        direct: { entries: ['*.corp.example', '10.0.0.0/8'], includes: () => false },
      },
      bundle: '/state/trusted.pem',
    })

  it('gets the proxy with its port, and the hosts that are reached without it', async () => {
    const settled = await settle({ HTTPS_PROXY: 'http://other:1' }, host, 'http://me:x@proxy')
    expect(settled).toEqual({
      https_proxy: 'http://me:x@proxy:80',
      no_proxy: '.corp.example,10.0.0.0/8',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.sslCAInfo',
      GIT_CONFIG_VALUE_0: '/state/trusted.pem',
    })
  })

  it('goes directly to a private origin, and keeps other settings of its environment', async () => {
    const before = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'a.b', GIT_CONFIG_VALUE_0: 'c' }
    const settled = await settle(before, '10.1.2.3', 'http://proxy:3128')
    expect(settled).toMatchObject({
      ...{ ...before, GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_1: 'http.sslCAInfo' },
      no_proxy: '.corp.example,10.0.0.0/8,10.1.2.3',
    })
  })

  it('keeps its environment for an origin over ssh, or on this machine', async () => {
    const before = { HTTPS_PROXY: 'http://other:1' }
    expect(await settle(before, null, 'http://proxy:3128')).toBe(before)
  })
})
