import { flushCompileCache } from 'node:module'
import { parentPort } from 'node:worker_threads'
import { reasonOf } from '../../../lib/reason.ts'
import type { Ended, Invocation } from './invocation.ts'
import { runGit } from './run-git.ts'

export interface Order {
  readonly number: number
  readonly invocation: Invocation
}

export interface Reply {
  readonly number: number
  /** How git ended, or why it was not even tried. */
  readonly outcome: Ended | string
}

// At once, since the server may well end by SIGKILL.
flushCompileCache()

/** What `GitThread` runs: many gits at a time, each answered when it ends. */
parentPort?.on('message', ({ number, invocation }: Order) => {
  const answer = (outcome: Reply['outcome']): void => {
    const reply: Reply = { number, outcome }
    parentPort?.postMessage(reply, typeof outcome === 'string' ? [] : [outcome.stdout.buffer])
  }
  void runGit(invocation).then(answer, (error: unknown) => answer(reasonOf(error)))
})
