import type { Commit } from './ids.ts'

/**
 * What a task's work changes in paths that are the operator's, as one try of its merge found it.
 */
export interface ProtectedWork {
  /** SHA-256 over paths, modes and contents before and after: it names exactly this change. */
  readonly content: string
  /** The first ones, in order. */
  readonly paths: readonly string[]
  /** How many there are in all. */
  readonly count: number
  /** The commit of the target that the work was merged with. */
  readonly base: Commit
  readonly candidate: Commit
  /** The origin's commit whose own changes do not count. */
  readonly origin: Commit | null
}

/** As many paths as are stored and shown with a merge. */
export const shownPaths = 20

/** Stands for `protectedByDefault` in the setting `protect`. */
export const defaultWord = 'default'

/**
 * Globs of files that run code, or that instruct people's machines and agents, where they were not
 * asked to: in a CI, at a checkout, or when a directory is opened.
 */
export const protectedByDefault: readonly string[] = [
  ...['PROJECT_DIRECTION.md', '**/CODEOWNERS'],
  // Continuous integration.
  ...['.github/**', '.gitlab-ci.yml', '.gitlab/**', '.circleci/**', '.travis.yml', '.buildkite/**'],
  ...['azure-pipelines*', '.azure-pipelines/**', 'bitbucket-pipelines.yml', '**/Jenkinsfile*'],
  ...['.drone.*', '.woodpecker*', '.woodpecker/**', '.cirrus.*', '.gitea/**', '.forgejo/**'],
  ...['.appveyor.yml', 'appveyor.yml', '.semaphore/**', '.teamcity/**', '.builds/**', '.build.yml'],
  ...['cloudbuild.y*ml', 'buildspec.y*ml'],
  // Settings and instructions of agents.
  ...['**/.claude/**', '**/CLAUDE.md', '**/CLAUDE.local.md', '**/AGENTS*.md', '**/.agents/**'],
  ...['**/.mcp.json', '**/GEMINI.md', '**/.gemini/**', '**/.codex/**', '**/.cursor/**'],
  ...['**/.cursorrules', '**/.windsurf/**', '**/.windsurfrules', '**/.clinerules{,/**}'],
  ...['**/.roo/**', '**/.roorules', '**/.aider*', '**/.continue/**'],
  // Hooks, and what git reads at a checkout.
  ...['**/.husky/**', '**/.githooks/**', '**/.pre-commit-config.y*ml', '**/.pre-commit-hooks.y*ml'],
  ...['**/lefthook.*', '**/.lefthook*', '**/.lefthook/**', '**/.overcommit.yml'],
  ...['**/.gitattributes', '**/.gitmodules', '**/.gitconfig', '**/.lfsconfig'],
  // Files by which an editor, a shell or a package manager runs code.
  ...['**/.vscode/**', '**/*.code-workspace', '**/.idea/**', '**/.devcontainer/**'],
  ...['**/.devcontainer.json', '**/.vimrc', '**/.exrc', '**/.nvimrc', '**/.nvim.lua'],
  ...['**/.dir-locals*.el', '**/.envrc', '**/.bashrc', '**/.bash_profile', '**/.profile'],
  ...['**/.zshrc', '**/.zshenv', '**/.zprofile', '**/.npmrc', '**/.yarnrc*', '**/.yarn/**'],
  ...['**/.pnpmfile.*', '**/.cargo/**', '**/{.,}mise.toml', '**/.mise/**', '**/.gdbinit'],
]
