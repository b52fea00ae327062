import { z } from 'zod'

/** How the server reaches other hosts in the operator's network. */
export const outboundSettings = {
  upstreamProxy: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .describe(
      'HTTP proxy through which the server reaches other hosts: `http://host:port`, the path of a ' +
        'file with `http://user:password@host:port`, or `none`; not set: `HTTPS_PROXY` of the ' +
        'server’s environment.',
    )
    .meta({ examples: ['http://proxy.example.com:3128'] }),
  directHosts: z
    .array(z.string().min(1).max(300))
    .max(1_000)
    .optional()
    .describe(
      'Names (with all below them), addresses and networks that are reached without ' +
        '`upstreamProxy`, beside private addresses; not set: `NO_PROXY` of the server’s environment.',
    )
    .meta({ examples: [['corp.example.com', '198.51.100.0/24']] }),
  caFile: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .describe(
      'PEM file with certificates that the server, containers and checks trust beside the usual ' +
        'ones; not set: `NODE_EXTRA_CA_CERTS` or `SSL_CERT_FILE` of the server’s environment.',
    )
    .meta({ examples: ['~/corp-ca.pem'] }),
}
