#!/bin/sh
# Tries compose.yaml from build to graceful stop, on a throw-away repository and with a credential that opens nothing.
#   sh docker/server/try.sh      needs an engine and docker compose (or Debian's docker-compose)
set -eu
cd "${0%/*}/../.."

if docker compose version >/dev/null 2>&1; then compose='docker compose'; else compose=docker-compose; fi
root=$(mktemp -d)
export ORCHESTRATOR_CONFIG="$root/config" ORCHESTRATOR_STATE="$root/state" ORCHESTRATOR_PORT="${ORCHESTRATOR_PORT:-7799}"
export COMPOSE_PROJECT_NAME=orchestrator-try

clean_up() {
  $compose down --timeout 30 >/dev/null 2>&1 || true
  docker ps --all --quiet --filter label=claude-code-orchestrator.run --filter "volume=$ORCHESTRATOR_STATE/hub.git" | xargs -r docker rm --force >/dev/null
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
waited=0
until curl -fsS "http://127.0.0.1:$ORCHESTRATOR_PORT/readyz"; do
  waited=$((waited + 1))
  if [ "$waited" -gt 60 ] || [ "$(docker inspect --format '{{.State.Restarting}}' "$container")" = true ]; then
    $compose logs
    echo 'try: the server did not become ready' >&2
    exit 1
  fi
  sleep 1
done
echo "try: ready after about $waited s"
curl -fsS "http://127.0.0.1:$ORCHESTRATOR_PORT/status" | head -c 2000 && echo

$compose stop
docker inspect --format 'try: stopped with exit code {{.State.ExitCode}} (started {{.State.StartedAt}}, finished {{.State.FinishedAt}})' "$container"
[ "$(docker inspect --format '{{.State.ExitCode}}' "$container")" = 0 ]
