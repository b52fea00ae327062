export type Environment = Readonly<Record<string, string>>

/**
 * Git in the hub: what the operator's shell says outside git (PATH, HOME and DOCKER_HOST for the command behind an
 * intake), no configuration but the hub's own, no transport, no prompt.
 */
export function hubEnvironment(operator: NodeJS.ProcessEnv): Environment {
  return {
    ...pick(operator, (name) => !isAboutGit(name)),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: '',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    LC_ALL: 'C',
  }
}

/**
 * Git towards the origin: the operator's own configuration counts here (credential helpers, proxies, certificates,
 * ssh command, safe directories), because it is the operator's right that is used; no worker can write it. Whoever
 * would ask a human for a password or a host key fails instead.
 */
export function originEnvironment(operator: NodeJS.ProcessEnv, protocols: string): Environment {
  const { GIT_CONFIG_GLOBAL: _global, GIT_CONFIG_SYSTEM: _system, ...closed } = hubEnvironment(operator)
  return {
    ...closed,
    SSH_ASKPASS: '/bin/false',
    SSH_ASKPASS_REQUIRE: 'force',
    ...pick(operator, (name) => wayToTheOrigin.test(name)),
    GIT_ALLOW_PROTOCOL: protocols,
  }
}

/** Git that asks a worker's repository, over a command of ours, what it has. */
export function intakeEnvironment(operator: NodeJS.ProcessEnv): Environment {
  return { ...hubEnvironment(operator), GIT_ALLOW_PROTOCOL: 'ext' }
}

const wayToTheOrigin =
  /^(?:GIT_(?:SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|SSL_\w+|HTTP_\w+|PROXY_SSL_\w+|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+))|SSH_ASKPASS(?:_REQUIRE)?)$/

/** What simple-git guards, too: it refuses these names unless they are asked for one by one. */
const isAboutGit = (name: string): boolean => /^(?:GIT_.*|EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS)$/i.test(name)

function pick(environment: NodeJS.ProcessEnv, isWanted: (name: string) => boolean): Environment {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value !== undefined && isWanted(name) ? [[name, value]] : [])),
  )
}
