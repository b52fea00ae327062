# Runs git with limits: no file grows beyond FILE_LIMIT_BLOCKS, and git ends, with everything that
# it started, after TIME_LIMIT_SECONDS. `git fetch` has no such limits, and killing it alone leaves
# its helpers behind.
ulimit -f "$FILE_LIMIT_BLOCKS"
# Ignored, so that git reports "File too large" instead of dying.
trap '' XFSZ
command -v timeout >/dev/null || exec git "$@"
exec timeout --signal=KILL "$TIME_LIMIT_SECONDS" git "$@"
