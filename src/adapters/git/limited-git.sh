# Git whose files cannot grow beyond FILE_LIMIT_BLOCKS, and which ends, with everything that it started, after
# TIME_LIMIT_SECONDS: `git fetch` has no such limits of its own, and killing it alone leaves its helpers behind.
ulimit -f "$FILE_LIMIT_BLOCKS"
# Ignored, so that git says "File too large" and does not just die.
trap '' XFSZ
command -v timeout >/dev/null || exec git "$@"
exec timeout --signal=KILL "$TIME_LIMIT_SECONDS" git "$@"
