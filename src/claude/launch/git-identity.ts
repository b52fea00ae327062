interface Identity {
  readonly name: string
  readonly email: string
}

/**
 * The names that git writes into an instance's commits: its own, unless the operator's setting
 * `environment` has others. The same as `docker/tools/environment.sh`.
 */
export function gitIdentity(
  instance: string,
  environment: Readonly<Record<string, string>>,
): { readonly author: Identity; readonly committer: Identity } {
  // An empty value counts as none, as in the shell.
  const author = {
    name: environment['GIT_AUTHOR_NAME'] || instance,
    email: environment['GIT_AUTHOR_EMAIL'] || `${instance}@orchestrator.invalid`,
  }
  const committer = {
    name: environment['GIT_COMMITTER_NAME'] || author.name,
    email: environment['GIT_COMMITTER_EMAIL'] || author.email,
  }
  return { author, committer }
}
