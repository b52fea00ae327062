# Sourced by the tools: exports what the server wrote for this launch.
# A line of the file is NAME=value; the value is everything behind the first '=', verbatim.
load_environment() {
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      [A-Za-z_]*=*) export "${line%%=*}=${line#*=}" ;;
    esac
  done <"$1"
}

: "${ORCHESTRATOR_SETTINGS:=/etc/claude-code/orchestrator}"
if [ -r "$ORCHESTRATOR_SETTINGS/environment" ]; then
  load_environment "$ORCHESTRATOR_SETTINGS/environment"
fi

# A commit names the instance that made it, whatever identity the machine has.
export GIT_AUTHOR_NAME="${GIT_AUTHOR_NAME:-${INSTANCE_ID:-worker}}"
export GIT_AUTHOR_EMAIL="${GIT_AUTHOR_EMAIL:-${INSTANCE_ID:-worker}@orchestrator.invalid}"
export GIT_COMMITTER_NAME="${GIT_COMMITTER_NAME:-$GIT_AUTHOR_NAME}"
export GIT_COMMITTER_EMAIL="${GIT_COMMITTER_EMAIL:-$GIT_AUTHOR_EMAIL}"
