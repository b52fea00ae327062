# Git whose files cannot grow beyond FILE_LIMIT_BLOCKS: `git fetch` has no size limit of its own.
# Ignored, so that git says "File too large" and does not just die.
trap '' XFSZ
ulimit -f "$FILE_LIMIT_BLOCKS"
exec git "$@"
