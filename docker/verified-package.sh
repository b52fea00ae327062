#!/bin/sh
# Unpacks a package of the npm registry if it has the given checksum, and runs none of its scripts.
#   sh verified-package.sh <name>@<version> <integrity, as in a lockfile> <directory>
set -eu

package=$1
integrity=$2
directory=$3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

(cd "$work" && npm pack --ignore-scripts --silent "$package" >/dev/null)
# node is wherever npm is; openssl may not be.
found=$(cat "$work"/*.tgz | node -e '
  const hash = require("crypto").createHash("sha512")
  process.stdin.on("data", (piece) => hash.update(piece))
  process.stdin.on("end", () => console.log("sha512-" + hash.digest("base64")))')
[ "$found" = "$integrity" ] || {
  echo "$package has the checksum $found, not $integrity: nothing of it was installed" >&2
  exit 1
}
mkdir -p "$directory"
tar -xzf "$work"/*.tgz -C "$directory" --strip-components=1 --no-same-owner
