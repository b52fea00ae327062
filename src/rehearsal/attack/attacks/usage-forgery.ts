import { randomUUID } from 'node:crypto'
import type { Attack } from '../stage/attack.ts'

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } })

/** As Claude Code exports the usage of one request. */
const recordOf = (model: string) => ({
  attributes: [
    attribute('event.name', 'api_request'),
    attribute('request_id', `req_${randomUUID()}`),
    attribute('model', model),
    attribute('input_tokens', '2000000'),
    attribute('output_tokens', '100000'),
    attribute('cost_usd_micros', '40000000'),
  ],
})

export const usageForgery: Attack = {
  id: 'usage-forgery',
  from: 'a worker',
  tries: 'reports usage that it did not have, which would end the budget of the run',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/http/instance/telemetry.ts',
      find: "if (credentials === 'gateway') return reply.send({})",
      replace: '',
    },
  ],
  async run(stage) {
    const model = `forged-${randomUUID()}`
    const logRecords = Array.from({ length: 500 }, () => recordOf(model))
    const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
    const { status, body: said } = await stage.attacker.post('/otel/v1/logs', body)
    if (status !== 200) throw new Error(`the route of the usage answers ${status}: ${said}`)
    // What was taken is counted with the next write.
    await stage.attacker.tool('report_progress', { note: 'halfway' })
    const { usage } = await stage.status()
    const counted = usage.models[model]
    const metrics = await (await stage.request('/metrics')).text()
    return [
      ...(counted === undefined ? [] : [`usage of a model of its own: ${JSON.stringify(counted)}`]),
      ...(usage.run.costMicros >= 40_000_000 ? [`${usage.run.costMicros} micros of the run`] : []),
      ...(metrics.includes(model) ? ['its model in the metrics'] : []),
    ]
  },
}
