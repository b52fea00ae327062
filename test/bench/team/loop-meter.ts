import child_process, { ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { performance } from 'node:perf_hooks'
import { DatabaseSync, StatementSync } from 'node:sqlite'

/**
 * Loaded before the server, in its process: adds up how long the event loop is blocked in
 * synchronous calls that wait for the kernel. The file in `LOOP_METER` gets a line for each sample;
 * times in milliseconds.
 */
const path = process.env['LOOP_METER'] ?? ''
/** Before it is timed: the meter is no part of what it measures. */
const append = fs.appendFileSync
const spent = { spawnMs: 0, spawns: 0, filesMs: 0, commitsMs: 0 }

type Timed = 'spawnMs' | 'filesMs' | 'commitsMs'
type Call = (this: unknown, ...words: unknown[]) => unknown

let depth = 0

/** Replaces a method by one that is timed; a call within a timed call is part of that one. */
function time(owner: object, name: string, into: Timed): void {
  const plain: unknown = Reflect.get(owner, name)
  if (typeof plain !== 'function') throw new Error(`there is no ${name} to be timed`)
  const timed: Call = function (...words) {
    const began = performance.now()
    depth += 1
    try {
      return Reflect.apply(plain, this, words)
    } finally {
      depth -= 1
      if (depth === 0) spent[into] += performance.now() - began
      if (into === 'spawnMs') spent.spawns += 1
    }
  }
  Reflect.set(owner, name, Object.assign(timed, plain))
}

/** Asynchronous spawning forks in the calling thread as well. */
time(ChildProcess.prototype, 'spawn', 'spawnMs')
for (const name of ['spawnSync', 'execFileSync', 'execSync']) time(child_process, name, 'spawnMs')
for (const [name, method] of Object.entries(fs))
  if (name.endsWith('Sync') && typeof method === 'function') time(fs, name, 'filesMs')
time(DatabaseSync.prototype, 'exec', 'commitsMs')
for (const name of ['run', 'get', 'all']) time(StatementSync.prototype, name, 'commitsMs')
syncBuiltinESMExports()

/** Two a second, so that a reader can leave out how the run began. */
setInterval(sample, 500).unref()
process.on('exit', sample)

function sample(): void {
  const { active: activeMs } = performance.eventLoopUtilization()
  append(path, `${JSON.stringify({ at: Date.now(), ...spent, activeMs })}\n`)
}
