#!/bin/sh
# Tries compose.yaml from build to graceful stop, on a throw-away repository and with a credential
# that opens nothing.
#   sh docker/server/try.sh      needs an engine and docker compose (or Debian's docker-compose)
set -eu
cd "${0%/*}/../.."

if docker compose version >/dev/null 2>&1; then compose='docker compose'; else compose=docker-compose; fi
root=$(mktemp -d)
run=
export ORCHESTRATOR_CONFIG="$root/config" ORCHESTRATOR_STATE="$root/state" ORCHESTRATOR_PORT="${ORCHESTRATOR_PORT:-7799}"
export COMPOSE_PROJECT_NAME=orchestrator-try

clean_up() {
  $compose down --timeout 30 >/dev/null 2>&1 || true
  if [ -n "$run" ]; then
    docker ps --all --quiet --filter "label=claude-code-orchestrator.run=$run" | xargs -r docker rm --force >/dev/null
    docker network ls --quiet --filter "label=claude-code-orchestrator.run=$run" | xargs -r docker network rm >/dev/null
  fi
  rm -rf "$root"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

mkdir -p "$ORCHESTRATOR_CONFIG/credentials" "$ORCHESTRATOR_STATE"
git init --quiet -b main "$root/seed"
echo 'Say hello.' >"$root/seed/PROJECT_DIRECTION.md"
git -C "$root/seed" add --all
git -C "$root/seed" -c user.name=try -c user.email=try@localhost commit --quiet -m 'a direction'
git clone --quiet --bare "$root/seed" "$ORCHESTRATOR_STATE/origin.git"
for number in 0 1; do
  echo '{"env":{"ANTHROPIC_API_KEY":"sk-ant-api03-opens-nothing-'$number'"}}' >"$ORCHESTRATOR_CONFIG/credentials/$number.json"
done
chmod 600 "$ORCHESTRATOR_CONFIG"/credentials/*
cat >"$ORCHESTRATOR_CONFIG/orchestrator.json" <<JSON
{ "repositoryUrl": "$ORCHESTRATOR_STATE/origin.git", "workerCount": 1, "claudeConfigs": "credentials/*" }
JSON

$compose build --quiet 2>/dev/null || $compose build
$compose up --detach
container=$($compose ps --quiet server)

# wait_until <what> <command>...
wait_until() {
  what=$1
  shift
  waited=0
  until "$@"; do
    waited=$((waited + 1))
    [ "$waited" -lt 60 ] || { $compose logs; echo "try: after 60 s still not $what" >&2; exit 1; }
    sleep 1
  done
  echo "try: $what after about $waited s"
}
status() {
  curl -fs "http://127.0.0.1:$ORCHESTRATOR_PORT/status"
}
is_ready() {
  curl -fs "http://127.0.0.1:$ORCHESTRATOR_PORT/readyz" >/dev/null
}
# Only a hook from inside an instance takes it out of this phase.
has_heard_of_all() {
  ! status | grep -q '"phase":"\(absent\|starting\)"'
}
is_healthy() {
  [ "$(docker inspect --format '{{.State.Health.Status}}' "$container")" = healthy ]
}

wait_until 'ready' is_ready
run=$(status | sed 's/.*"run":{"id":"\([^"]*\)".*/\1/')
wait_until 'reached by the hooks of every instance' has_heard_of_all
wait_until 'healthy' is_healthy

$compose stop
docker inspect --format 'try: stopped with exit code {{.State.ExitCode}}' "$container"
[ "$(docker inspect --format '{{.State.ExitCode}}' "$container")" = 0 ]
