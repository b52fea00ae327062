import { execFileSync, spawn } from 'node:child_process'
import type { RequestListener } from 'node:http'
import { dirname, join } from 'node:path'
import { operator, type Stage } from './git-stage.ts'

/** The stage's origin over HTTP, through git's own CGI program. */
export function serveGit(stage: Pick<Stage, 'origin'>): RequestListener {
  const program = join(execFileSync('git', ['--exec-path']).toString().trim(), 'git-http-backend')
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://stage')
    const child = spawn(program, {
      env: {
        ...operator,
        GIT_PROJECT_ROOT: dirname(stage.origin),
        GIT_HTTP_EXPORT_ALL: '1',
        REMOTE_USER: 'me',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'],
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
      },
    })
    request.pipe(child.stdin)
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('close', () => {
      const answer = Buffer.concat(chunks)
      const end = answer.indexOf('\r\n\r\n')
      const headers = answer
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map((line) => line.split(': ') as [string, string])
      const status = Number.parseInt(headers.find(([name]) => name === 'Status')?.[1] ?? '200', 10)
      response.writeHead(status, Object.fromEntries(headers)).end(answer.subarray(end + 4))
    })
  }
}
