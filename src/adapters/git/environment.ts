export type Environment = Readonly<Record<string, string>>

/** Git in the hub: no configuration but the hub's own, no transport, no prompt, none of the operator's secrets. */
export function hubEnvironment(operator: NodeJS.ProcessEnv): Environment {
  return {
    ...pick(operator, (name) => /^(?:PATH|HOME|TMPDIR)$/.test(name)),
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
  const {
    GIT_CONFIG_GLOBAL: _global,
    GIT_CONFIG_SYSTEM: _system,
    ...closed
  } = hubEnvironment(operator)
  return {
    ...closed,
    ...pick(operator, (name) => !isAboutGit(name)),
    SSH_ASKPASS: '/bin/false',
    SSH_ASKPASS_REQUIRE: 'force',
    ...pick(operator, (name) => wayToTheOrigin.test(name)),
    GIT_ALLOW_PROTOCOL: protocols,
  }
}

/** Git over a command that reaches into an instance: what that command needs to find the container engine comes along. */
export function intakeEnvironment(operator: NodeJS.ProcessEnv): Environment {
  const engine = pick(operator, (name) =>
    /^(?:DOCKER_\w+|XDG_RUNTIME_DIR|SSH_AUTH_SOCK)$/.test(name),
  )
  return { ...hubEnvironment(operator), ...engine, GIT_ALLOW_PROTOCOL: 'ext' }
}

const wayToTheOrigin =
  /^(?:GIT_(?:SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|SSL_\w+|HTTP_\w+|PROXY_SSL_\w+|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+))|SSH_ASKPASS(?:_REQUIRE)?)$/

/** What simple-git guards, too: it refuses these names unless they are asked for one by one. */
const isAboutGit = (name: string): boolean =>
  /^(?:GIT_.*|EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS)$/i.test(name)

function pick(environment: NodeJS.ProcessEnv, isWanted: (name: string) => boolean): Environment {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && isWanted(name) ? [[name, value]] : [],
    ),
  )
}
