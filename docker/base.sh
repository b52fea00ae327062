#!/bin/sh
# Makes a base image for workers without a registry: `base.sh <tag>`. Debian from its package
# mirror, Node and npm from the npm registry. It holds what the image build asks of a base: Debian
# with npm.
set -eu

tag=$1
npm_version=11.21.2
npm_integrity=sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A==
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM

debootstrap --variant=minbase --include=ca-certificates,curl,git,procps,tini,util-linux bookworm "$root" >"$root.log" 2>&1 || {
  tail -n 20 "$root.log" >&2
  exit 1
}
rm -f "$root.log"
npm_home=$root/usr/local/lib/node_modules/npm
sh "${0%/*}/verified-package.sh" "npm@$npm_version" "$npm_integrity" "$npm_home"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
node=$(node_modules/.bin/node --print process.execPath)
install -m 0755 "$node" "$root/usr/local/bin/node"

# Behind a proxy with a certificate of its own, the image trusts whom this machine trusts.
cp -rL /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
chroot "$root" update-ca-certificates >/dev/null 2>&1

mkdir -p "$root/usr/local/share/orchestrator"
{
  chroot "$root" dpkg-query -W -f '${Package} ${Version}\n'
  echo "node $("$node" --version)"
  echo "npm $npm_version"
} >"$root/usr/local/share/orchestrator/base-packages"

tar -C "$root" --exclude=./var/cache/apt/archives/*.deb --exclude=./var/lib/apt/lists/* -c . |
  docker import --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' --change 'CMD ["bash"]' - "$tag"
