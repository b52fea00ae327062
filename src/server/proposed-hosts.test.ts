import { describe, expect, it } from 'vitest'
import { proposeHosts } from './proposed-hosts.ts'

const files = ['README.md', 'package.json', 'uv.lock', 'pyproject.toml']
const because = ['uv.lock', 'pyproject.toml']
const sealed = { network: 'sealed', allowHosts: [] } as const

describe('the hosts proposed for a repository', () => {
  it('are those of its packages, without npm, which the server has', () => {
    expect(proposeHosts(sealed, files, [])).toEqual([
      { host: 'pypi.org', because, exit: null },
      { host: 'files.pythonhosted.org', because, exit: null },
    ])
  })

  it('are not those that instances reach', () => {
    const allowing = { ...sealed, allowHosts: ['*.pythonhosted.org'] }
    expect(proposeHosts(allowing, files, ['pypi.org'])).toEqual([])
    expect(proposeHosts(allowing, files, ['pypi.org:8443'])).toMatchObject([{ host: 'pypi.org' }])
    expect(proposeHosts({ ...sealed, network: 'proxied' }, files, [])).toEqual([])
    expect(proposeHosts({ ...sealed, network: 'open' }, files, [])).toEqual([])
  })
})
