import type { Model } from '../model/server.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import type { Screen } from './screen.ts'
import { type Finding, finding } from './verify.ts'

/** Seven for more tasks, three for the report, and three more after a person completed the plan. */
const mostRequests = 13

/** The role in recorded requests. */
const planner = 'manager'

/** How often a Manager that never completes its plan was asked. */
export function judgeRequests(
  { neverCompletes }: Scenario,
  model: Model,
  screen: Screen,
): readonly Finding[] {
  if (!neverCompletes) return []
  const asked = new Set(
    model.requests.flatMap(({ role, prompt }) => (role === planner && prompt ? [prompt] : [])),
  ).size
  screen.print(`The Manager was prompted ${asked} times.`)
  const problem = asked > mostRequests + 1 ? [`it was prompted ${asked} times`] : []
  return [finding(`the Manager is asked at most ${mostRequests} times`, problem)]
}
