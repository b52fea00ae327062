# Sourced by the tools that may take long: reports to the server that a command moves on.

PROGRESS_SECONDS="${PROGRESS_SECONDS:-5}"   # between two reports; a start is looked at after 8 s of silence

# Runs a command with the file $1 as its stdin, and reports to the server every few seconds that it
# has read or written more than before. Returns the command's exit code.
with_progress() {
  input=$1
  shift
  "$@" <"$input" &
  running=$!
  report_progress "$running" </dev/null >/dev/null 2>&1 &
  reporter=$!
  outcome=0
  wait "$running" || outcome=$?
  kill "$reporter" 2>/dev/null || true
  wait "$reporter" 2>/dev/null || true
  return "$outcome"
}

# A kernel that does not count what a process reads and writes leaves the file out: then nothing is
# reported.
report_progress() {
  before=
  while sleep "$PROGRESS_SECONDS" && now=$(cat "/proc/$1/io"); do
    [ "$now" = "$before" ] || send_progress || true
    before=$now
  done
}

# The token goes through a file descriptor: every process of the machine can read arguments.
send_progress() {
  curl -q --config /dev/fd/3 3<<END
url = "$ORCHESTRATOR_URL/hooks/WorkspaceProgress"
header = "Authorization: Bearer $ORCHESTRATOR_TOKEN"
header = "X-Launch: ${LAUNCH:-0}"
header = "Content-Type: application/json"
header = "X-Protocol: 2"
data = "{}"
noproxy = "*"
${ORCHESTRATOR_SOCKETS:+unix-socket = $ORCHESTRATOR_SOCKETS/server.sock}
connect-timeout = 1
max-time = 2
fail
silent
END
}
