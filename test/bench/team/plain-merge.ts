import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { git } from '../../../src/rehearsal/sample/repository.ts'
import { median } from '../median.ts'

/**
 * What plain git takes for the merges of a branch: for each, merge-tree, commit-tree and update-ref
 * of the same two parents, in a repository of their own. The median, in milliseconds; NaN without a
 * merge.
 */
export async function plainMergeMs(origin: string, root: string, branch: string): Promise<number> {
  const copy = join(root, 'plain-merges.git')
  await git(root, 'clone', '--quiet', '--bare', origin, copy)
  const log = await git(
    copy,
    'log',
    '--merges',
    '--format=%P %(trailers:key=Task,valueonly)',
    branch,
  )
  const merges = log.split('\n').filter((line) => line.trim().split(' ').length === 3)
  const took: number[] = []
  for (const line of merges) {
    const [target = '', work = ''] = line.split(' ')
    await git(copy, 'update-ref', 'refs/heads/bench', target)
    const began = performance.now()
    const [tree = ''] = (await git(copy, 'merge-tree', '--write-tree', target, work)).split('\n')
    const parents = ['-p', target, '-p', work]
    const merged = await git(copy, 'commit-tree', tree, ...parents, '-m', 'Merge the task')
    await git(copy, 'update-ref', 'refs/heads/bench', merged, target)
    took.push(performance.now() - began)
  }
  return median(took)
}
