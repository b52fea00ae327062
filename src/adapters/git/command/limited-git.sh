# Runs git with limits that it cannot exceed. Workers and the origin choose what git reads, and git
# itself has no such limits.
#   MEMORY_LIMIT_KIB   what it may allocate; the packs that it maps do not count
#   CPU_LIMIT_SECONDS  processor time; what waits on a busy machine does not exceed it
#   FILE_LIMIT_BLOCKS  the size of a file that it writes, in blocks of 512 bytes
#   TIME_LIMIT_SECONDS after this time git ends with everything that it started: ending `git fetch`
#                      alone leaves its helpers behind
#   NO_INPUT           git reads nothing instead of waiting for what never comes
# Each is optional. Git's children inherit the first three.
[ -z "${MEMORY_LIMIT_KIB-}" ] || ulimit -d "$MEMORY_LIMIT_KIB"
[ -z "${CPU_LIMIT_SECONDS-}" ] || ulimit -t "$CPU_LIMIT_SECONDS"
if [ -n "${FILE_LIMIT_BLOCKS-}" ]; then
  ulimit -f "$FILE_LIMIT_BLOCKS"
  # Ignored, so that git reports "File too large" instead of dying.
  trap '' XFSZ
fi
[ -z "${NO_INPUT-}" ] || exec </dev/null
[ -n "${TIME_LIMIT_SECONDS-}" ] && command -v timeout >/dev/null || exec git "$@"
exec timeout --signal=KILL "$TIME_LIMIT_SECONDS" git "$@"
