export type Environment = Readonly<Record<string, string>>

/**
 * For git in the hub: only the hub's own configuration, no transport, no prompt, none of the
 * operator's secrets.
 */
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
 * For git that talks to the origin. The operator's own configuration applies (credential helpers,
 * proxies, certificates, ssh command, safe directories), since the operator's rights are used and
 * no worker can write it. A command that would ask a human for a password or a host key fails
 * instead.
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

/**
 * For git over a command that reaches into an instance: includes what that command needs to find
 * the container engine.
 */
export function intakeEnvironment(operator: NodeJS.ProcessEnv): Environment {
  const engine = pick(operator, (name) =>
    /^(?:DOCKER_\w+|XDG_RUNTIME_DIR|SSH_AUTH_SOCK)$/.test(name),
  )
  return { ...hubEnvironment(operator), ...engine, GIT_ALLOW_PROTOCOL: 'ext' }
}

const wayToTheOrigin =
  /^(?:GIT_(?:SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|SSL_\w+|HTTP_\w+|PROXY_SSL_\w+|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+))|SSH_ASKPASS(?:_REQUIRE)?)$/

/** The names that simple-git refuses, too, unless each is allowed. */
const isAboutGit = (name: string): boolean =>
  /^(?:GIT_.*|EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS)$/i.test(name)

function pick(environment: NodeJS.ProcessEnv, isWanted: (name: string) => boolean): Environment {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && isWanted(name) ? [[name, value]] : [],
    ),
  )
}
