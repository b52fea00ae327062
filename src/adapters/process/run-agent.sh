#!/bin/sh
# Runs one launch of a host-native instance in the terminal that shows it, and records it:
#   run-agent.sh <records> <launch> <settings> <tools>
# records:  current          the launch that is wanted; written by the server
#           <launch>.begun   pid and start time of the agent
#           <launch>.ended   its exit code
set -u

records=$1
launch=$2
settings=$3
tools=$4

# A terminal that was opened for an earlier launch, or again after this one ended, starts nothing.
[ "$(cat "$records/current")" = "$launch" ] && mkdir "$records/$launch.lock" 2>/dev/null || {
  echo "launch $launch is over"
  exit 1
}

# Trapped, not ignored: the agent handles the signals itself, and this script stays to record its
# end.
trap : HUP INT QUIT TERM

# The agent keeps the pid of the shell that records it: both shell and entrypoint end in exec. Field
# 22 of stat is the start time.
sh -c '
  read -r stat </proc/$$/stat
  set -- "$0" "$@" ${stat##*) }
  begun=$1 tools=$2 settings=$3
  shift 22
  echo "$$ $1" >"$begun.draft" && mv "$begun.draft" "$begun"
  exec "$tools/entrypoint" "$settings"
' "$records/$launch.begun" "$tools" "$settings"
code=$?

echo "$code" >"$records/$launch.draft"
mv "$records/$launch.draft" "$records/$launch.ended"
