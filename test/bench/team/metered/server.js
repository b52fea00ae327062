// The server with a meter in its process. The meter must be there before the server's own modules.
const state = process.argv[process.argv.indexOf('--state') + 1]
process.env.LOOP_METER = `${state}.loop`
await import('../loop-meter.ts')
await import('../../../../server.js')
