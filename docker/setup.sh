#!/bin/sh
# From a bare Debian machine to one on which the orchestrator runs; on a prepared machine it only
# looks.
#   sh docker/setup.sh node    system packages, Node 24 and the npm packages
#   sh docker/setup.sh image   the container engine and the workers' image as well
#   sh docker/setup.sh all     both, and Claude Code for instances without containers
# ORCHESTRATOR_BASE_IMAGE, CLAUDE_CODE_VERSION and CLAUDE_CODE_INTEGRITY override what the image is
# made of; see docs/setup.md.
set -eu
cd "${0%/*}/.."

image_name=claude-code-orchestrator-worker
local_base=claude-code-orchestrator-base:bookworm
inputs_label=claude-code-orchestrator.inputs
log=.cache/setup.log
did_something=

main() {
  wanted=${1-all}
  case $wanted in
    node | image | all) ;;
    *) fail "unknown part: $wanted" 'usage: sh docker/setup.sh node|image|all' 2 ;;
  esac
  pinned=$(sed -n '/"claudeCode"/,/}/s/.*"version": *"\([^"]*\)".*/\1/p' package.json)
  version=${CLAUDE_CODE_VERSION:-$pinned}

  mkdir -p .cache
  exec 9>.cache/setup.lock
  flock -n 9 || { say 'waiting for another setup that is under way' && flock 9; }

  ensure_packages 'git, tmux and curl, for repositories, terminals and hooks' git tmux curl
  ensure_dependencies
  case $wanted in
    image) ensure_engine && ensure_image || exit 1 ;;
    all)
      if ensure_engine; then
        ensure_image
      elif [ -n "${CI-}" ]; then
        exit 1
      else
        say 'no container engine: instances will run as processes of this machine, without a boundary around them'
      fi
      ensure_cli
      ;;
  esac
  [ -n "$did_something" ] || say "everything is in place ($wanted)"
}

say() {
  echo "setup: $1"
}

step() {
  did_something=1
  say "$1"
}

fail() {
  printf 'setup: %s\n  remedy: %s\n' "$1" "$2" >&2
  exit "${3-1}"
}

# Runs a command quietly; when it fails, shows the end of what it printed.
quietly() {
  "$@" >"$log" 2>&1 9>&- && return
  tail -n 25 "$log" >&2
  return 1
}

# The remedy for what failed last: $1, unless a full disk was the cause, which may have kept the log
# empty.
disk_remedy() {
  free=$(df -Pk . /tmp /var/lib 2>/dev/null | awk 'NR > 1 && $4 < least + 0 || NR == 2 { least = $4 } END { print least }')
  if [ "$free" -lt 200000 ] || [ ! -s "$log" ] || grep -qiE 'no space left|ENOSPC' "$log"; then
    echo 'the disk is full: free at least 5 GB (docker system prune removes what the engine no longer uses), then run this again'
  else
    echo "$1"
  fi
}

# ensure_packages <why> <package>... : on Debian these packages are named like the command that they
# bring.
ensure_packages() {
  why=$1
  shift
  missing=
  for package do
    case $package in docker.io) command=dockerd ;; *) command=$package ;; esac
    PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0

  install="apt-get update && apt-get install -y --no-install-recommends$missing"
  [ -e /etc/debian_version ] || fail "missing:$missing ($why)" 'install them with the package manager of this system'
  [ "$(id -u)" = 0 ] || fail "missing:$missing ($why)" "sudo sh -c '$install'"
  step "installing$missing with apt ($why)"
  export DEBIAN_FRONTEND=noninteractive
  # A foreign package source may be out of reach; what counts is whether the packages can be
  # installed.
  quietly apt-get update || say 'apt-get update failed, trying with the lists that are here'
  # shellcheck disable=SC2086
  quietly apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 $missing ||
    fail "apt could not install$missing" "$(disk_remedy "look at /etc/apt/sources.list and the network, then run: $install")"
}

ensure_dependencies() {
  stamp=node_modules/.package-lock.json
  if [ ! -x node_modules/.bin/node ] || [ ! -e "$stamp" ] || [ -n "$(find package-lock.json -newer "$stamp")" ]; then
    command -v npm >/dev/null || fail 'npm is missing' 'install Node.js 20 or newer with npm: https://nodejs.org'
    step 'installing the npm packages, Node 24 among them (npm ci)'
    quietly npm ci --no-audit --no-fund ||
      fail 'npm ci failed' "$(disk_remedy 'look at the network and at npm config get registry, then run: npm ci')"
    touch "$stamp"
  fi
  PATH=$PWD/node_modules/.bin:$PATH
}

ensure_engine() {
  ! engine_answers || return 0
  if [ -n "${DOCKER_HOST-}" ]; then
    say "no container engine answers at DOCKER_HOST=$DOCKER_HOST" >&2
    return 1
  fi
  if [ "$(id -u)" != 0 ] || [ ! -e /etc/debian_version ]; then
    say 'no container engine answers; start yours, give this user access to it, or as root on Debian run:' >&2
    echo '  apt-get update && apt-get install -y --no-install-recommends docker.io iptables && dockerd &' >&2
    return 1
  fi

  ensure_packages 'the container engine for the workers' docker.io iptables
  pid=$(cat /var/run/docker.pid 2>/dev/null || true)
  if [ -z "$pid" ] || [ ! -d "/proc/$pid" ]; then
    step 'starting dockerd in the background (no engine answers); it logs to /var/log/dockerd.log'
    setsid dockerd >>/var/log/dockerd.log 2>&1 </dev/null 9>&- &
  fi
  waited=0
  until engine_answers; do
    waited=$((waited + 1))
    if [ "$waited" -gt 60 ]; then
      tail -n 5 /var/log/dockerd.log >&2 || true
      say 'dockerd does not answer after 60 s; its last words are above, the rest is in /var/log/dockerd.log' >&2
      return 1
    fi
    sleep 1
  done
}

engine_answers() {
  docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

ensure_image() {
  tag=$image_name:$version
  inputs=$(cat docker/worker/Dockerfile docker/base.sh docker/verified-package.sh && echo "$version ${ORCHESTRATOR_BASE_IMAGE-}")
  inputs=$(printf '%s' "$inputs" | sha256sum | cut -c1-16)
  built=$(docker image inspect --format "{{index .Config.Labels \"$inputs_label\"}}" "$tag" 2>/dev/null || true)
  [ "$built" != "$inputs" ] || return 0

  ensure_base
  case $(docker version --format '{{.Server.Arch}}') in arm64) set_integrity arm64 ;; *) set_integrity x64 ;; esac
  step "building the image $tag on $base: it is missing or what it is made of changed"
  quietly docker build --force-rm --tag "$tag" --label "$inputs_label=$inputs" --build-arg "BASE_IMAGE=$base" \
    --build-arg "CLAUDE_CODE_VERSION=$version" --build-arg "CLAUDE_CODE_INTEGRITY=$integrity" --file docker/worker/Dockerfile docker ||
    fail "building $tag failed; the whole output is in $log" \
      "$(disk_remedy 'look at the network of containers and at the version of Claude Code, then run: npm run image')"
}

# Sets $base: the operator's choice, or one made here from Debian's archive.
ensure_base() {
  base=${ORCHESTRATOR_BASE_IMAGE-}
  case $base in
    '') base=$local_base ;;
    # A digest always names the same image.
    *@sha256:*) return 0 ;;
  esac
  ! docker image inspect "$base" >/dev/null 2>&1 || return 0
  [ "$base" = "$local_base" ] ||
    fail "$base is not on this machine, and a registry may give something else for that name every day" \
      "docker pull $base, and name it by its digest: ORCHESTRATOR_BASE_IMAGE=\$(docker image inspect --format '{{index .RepoDigests 0}}' $base) npm run image"

  step "making $base from Debian's archive (about a minute)"
  ensure_packages 'to make a base image' debootstrap
  [ "$(id -u)" = 0 ] ||
    fail 'making a base image needs root' 'run: sudo npm run image, or name one by digest: ORCHESTRATOR_BASE_IMAGE=<image>@sha256:<digest> npm run image'
  quietly sh docker/base.sh "$base" ||
    fail "making $base failed" "$(disk_remedy 'look at the network and at the package mirror of Debian, then run: npm run image')"
}

ensure_cli() {
  prefix=.cache/claude-code/$version
  [ ! -x "$prefix/claude" ] || return 0
  case $(uname -m) in aarch64 | arm64) cpu=arm64 ;; *) cpu=x64 ;; esac
  package=@anthropic-ai/claude-code-linux-$cpu
  set_integrity "$cpu"
  step "installing Claude Code $version under $prefix (for instances without containers)"
  quietly sh docker/verified-package.sh "$package@$version" "$integrity" "$prefix/node_modules/$package" ||
    fail "installing $package@$version failed" \
      "$(disk_remedy 'look at the network and whether npm has this version: npm view @anthropic-ai/claude-code versions')"
  chmod 0755 "$prefix/node_modules/$package/claude"
  # The link comes last: it is there when the installation is whole.
  ln -sf "node_modules/$package/claude" "$prefix/claude"
}

# Sets $integrity: the checksum of the package of Claude Code for this processor.
set_integrity() {
  integrity=${CLAUDE_CODE_INTEGRITY-}
  if [ -z "$integrity" ] && [ "$version" = "$pinned" ]; then
    integrity=$(sed -n "s/.*\"linux-$1\": *\"\([^\"]*\)\".*/\1/p" package.json)
  fi
  [ -n "$integrity" ] ||
    fail "there is no checksum for Claude Code $version" \
      "take that of the registry: CLAUDE_CODE_VERSION=$version CLAUDE_CODE_INTEGRITY=\$(npm view @anthropic-ai/claude-code-linux-$1@$version dist.integrity) npm run image"
}

main "$@"
