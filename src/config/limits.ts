import { z } from 'zod'
import { defaultPolicy } from '../core/model/policy.ts'
import { minutes, seconds } from './units.ts'

/** All but the first four become a field of `Policy`, see `policy.ts`. */
export const limitsSchema = z.strictObject({
  memoryMb: z
    .int()
    .min(512)
    .max(1_048_576)
    .default(4096)
    .describe('Memory of one instance in MiB; processes that exceed it are killed.'),
  cpus: z.number().min(0.1).max(256).default(2).describe('Processor cores of one instance.'),
  pids: z
    .int()
    .min(64)
    .max(100_000)
    .default(1024)
    .describe('Processes and threads of one instance.'),
  diskMb: z
    .int()
    .min(1024)
    .max(16_777_216)
    .default(20_480)
    .describe(
      'Disk of one instance in MiB, its home and its workspace together; a launch that uses more ' +
        'ends with its work saved, and begins again when there is room. With `"runtime": "docker"` only.',
    ),
  instancesPerCredential: z
    .int()
    .min(1)
    .max(51)
    .default(defaultPolicy.instancesPerCredential)
    .describe('How many instances may share one credential at a time.'),
  reminders: z
    .int()
    .min(0)
    .max(10)
    .default(defaultPolicy.reminders)
    .describe(
      'Reminders to a worker that stopped without a report, before its task counts as blocked.',
    ),
  returns: z
    .int()
    .min(0)
    .max(10)
    .default(defaultPolicy.returns)
    .describe(
      'Times that a task returns to its worker after a conflict or a failed check, ' +
        'before the Manager must decide.',
    ),
  rounds: z
    .int()
    .min(0)
    .max(100)
    .default(defaultPolicy.rounds)
    .describe(
      'Times that the Manager may decide about a task that was returned too often, that its ' +
        'workers do not report, or on which they hang or are lost, before a person must.',
    ),
  losses: z
    .int()
    .min(1)
    .max(100)
    .default(defaultPolicy.losses)
    .describe('Workers lost in a row on one task, before the Manager must decide.'),
  startTimeoutSeconds: z
    .int()
    .min(5)
    .max(3600)
    .default(defaultPolicy.startTimeoutMs / seconds)
    .describe(
      'Longest time from starting an instance to its first hook; it begins again while the files ' +
        'of its workspace are being checked out, for up to four hours.',
    ),
  startsAtOnce: z
    .int()
    .min(1)
    .max(51)
    .optional()
    .describe(
      'How many instances may start at once, the Manager before all others; without it, as many ' +
        'as the machine has processors.',
    ),
  promptTimeoutSeconds: z
    .int()
    .min(2)
    .max(600)
    .default(defaultPolicy.promptTimeoutMs / seconds)
    .describe('Longest time from sending a prompt to Claude Code’s confirmation.'),
  promptTries: z
    .int()
    .min(1)
    .max(20)
    .default(defaultPolicy.promptTries)
    .describe('Delivery attempts for one prompt, before the instance is restarted.'),
  silenceMinutes: z
    .number()
    .min(1)
    .max(1440)
    .default(defaultPolicy.silenceMs / minutes)
    .describe('After this long without a signal, the server inspects a working instance.'),
  busyMinutes: z
    .number()
    .min(1)
    .max(1440)
    .default(defaultPolicy.busyMs / minutes)
    .describe(
      'Longest time without a signal while the screen of an instance shows that it works; then ' +
        'its turn is interrupted.',
    ),
  backOffSeconds: z
    .number()
    .min(0.1)
    .max(3600)
    .default(defaultPolicy.backOffMs / seconds)
    .describe('First pause after a failure; it doubles with each further failure.'),
  backOffCapSeconds: z
    .number()
    .min(0.1)
    .max(86_400)
    .default(defaultPolicy.backOffCapMs / seconds)
    .describe('Longest pause after a failure.'),
  moveAtPercent: z
    .number()
    .min(1)
    .max(100)
    .default(defaultPolicy.moveAtPercent)
    .describe(
      'Usage of a window, in percent, at which an instance moves to a credential with room.',
    ),
  quarantineFailures: z
    .int()
    .min(1)
    .max(100)
    .default(defaultPolicy.quarantineFailures)
    .describe(
      'Failures within `quarantineWindowMinutes` after which an instance is taken out of service.',
    ),
  quarantineWindowMinutes: z
    .number()
    .min(1)
    .max(1440)
    .default(defaultPolicy.quarantineWindowMs / minutes)
    .describe('Period in which `quarantineFailures` are counted.'),
})
