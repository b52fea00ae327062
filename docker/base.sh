#!/bin/sh
# Makes a base image for workers without a registry: `base.sh <tag>`. Debian from its package mirror, Node and npm
# from the npm registry. It holds what the image build asks of node:24-bookworm.
set -eu

tag=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM

debootstrap --variant=minbase --include=ca-certificates,curl,git,procps,tini,util-linux bookworm "$root" >"$root.log" 2>&1 || {
  tail -n 20 "$root.log" >&2
  exit 1
}
rm -f "$root.log"
npm install --global --prefix "$root/usr/local" --no-audit --no-fund --loglevel=error npm@11
node=$(node_modules/.bin/node --print process.execPath)
install -m 0755 "$node" "$root/usr/local/bin/node"

# Behind a proxy with a certificate of its own, the image trusts whom this machine trusts.
cp -rL /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
chroot "$root" update-ca-certificates >/dev/null 2>&1

tar -C "$root" --exclude=./var/cache/apt/archives/*.deb --exclude=./var/lib/apt/lists/* -c . |
  docker import --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' --change 'CMD ["bash"]' - "$tag"
