import { createHash } from 'node:crypto'
import { createFakeRuntime } from '../fakes/runtime.ts'
import type { Subject } from './runtime-stage.ts'

/** The fake runtime, with what a test can do to its instances. */
export const fakeSubject = (): Promise<Subject> => {
  const runtime = createFakeRuntime()
  const left = new Map<string, string>()
  const nothing = () => Promise.resolve()
  const renew: Subject['renew'] = (instance, text) => Promise.resolve(runtime.renew(instance, text))
  return Promise.resolve({
    runtime,
    show: nothing,
    renew,
    leave: (instance, path, text) => Promise.resolve(void left.set(`${instance}/${path}`, text)),
    save: () =>
      Promise.resolve(
        createHash('sha1')
          .update(JSON.stringify([...left]))
          .digest('hex'),
      ),
    bring: (receivePack) => Promise.resolve(receivePack.length > 0),
    upgraded: () => Promise.resolve(runtime.upgrade()).then(() => runtime),
    kill: (instance) => Promise.resolve(runtime.die(instance, 'killed')),
    close: nothing,
  })
}
