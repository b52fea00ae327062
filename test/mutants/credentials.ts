import { type Mutant, unit } from './mutant.ts'

const disclosureTest = 'src/core/rules/credential-disclosure.test.ts'
const disclosure = 'src/core/entities/credential-disclosure.ts'

/** Bugs of who is given which credential. */
export const credentialMutants: readonly Mutant[] = [
  {
    name: 'reports of a worker bring it any number of new secrets',
    file: disclosure,
    find: "return cause === 'server' || counted",
    replace: "return cause !== 'first' || counted",
    killedBy: unit(
      disclosureTest,
      'are two new ones in a day on its own reports, and then it waits',
    ),
  },
  {
    name: 'instances that act together get any number of new secrets',
    file: disclosure,
    find: 'counted.length >= mostInAll',
    replace: 'counted.length >= Number.MAX_VALUE',
    killedBy: unit(disclosureTest, 'get six new ones each in a day at most'),
  },
  {
    name: 'a credential that an instance knows counts as new',
    file: disclosure,
    find: "=== 'gateway' || hasBeenGiven(credential, id)) return true",
    replace: "=== 'gateway') return true",
    killedBy: unit(disclosureTest, 'may be given again without limit'),
  },
  {
    name: 'the consent of a person changes nothing',
    file: disclosure,
    find: "{ ...each, cause: 'person' } : each",
    replace: 'each : each',
    killedBy: unit(
      disclosureTest,
      'are more when a person allows it, and the instance goes on at once',
    ),
  },
]

/** Bugs of what an instance may ask the gateway. */
export const gatewayMutants: readonly Mutant[] = [
  {
    name: 'a worker without a task may ask the model',
    file: 'src/gateway/standing.ts',
    find: 'task !== null || !traitsOf(role).mayHoldTasks',
    replace: 'true',
    killedBy: unit('src/gateway/standing.test.ts', 'may not without a task'),
  },
  {
    name: 'tools of the provider of later versions pass',
    file: 'src/gateway/exits.ts',
    find: 'versioned.test(type) && !clientTools.test(type)',
    replace: 'type.startsWith("web_search")',
    killedBy: unit(
      'src/gateway/exits.test.ts',
      'is refused wherever the tool hides, and never fails to be read',
    ),
  },
  {
    name: 'a key that stands twice in a request is sent twice',
    file: 'src/gateway/request-body.ts',
    find: 'const body = Buffer.from(text)',
    replace: 'const body = text === "" ? Buffer.from(text) : bytes',
    killedBy: unit(
      'src/gateway/request-body.test.ts',
      'is sent as it was checked when it names a key twice',
    ),
  },
]
