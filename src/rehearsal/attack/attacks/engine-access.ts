import type { Attack } from '../stage/attack.ts'

/** Ways from a container to its engine and to the machine. Each prints `won: <what>`. */
const attempts = `
  [ "$(id -u)" != 0 ] || echo "won: root"
  [ ! -S /var/run/docker.sock ] || echo "won: the socket of the engine"
  grep -q '^Cap[BE][nf][df]:.*[1-9a-f]' /proc/self/status && echo "won: capabilities"
  unshare --user --map-root-user true 2>/dev/null && echo "won: a user namespace"
  mkdir -p /tmp/mnt && mount -t tmpfs none /tmp/mnt 2>/dev/null && echo "won: a mount"
  mknod /tmp/disk b 8 0 2>/dev/null && echo "won: a device"
  touch /usr/local/bin/git 2>/dev/null && echo "won: a program of the image"
  echo 1 2>/dev/null >/proc/sys/kernel/panic && echo "won: a setting of the kernel"
  true`

export const engineAccess: Attack = {
  id: 'engine-access',
  from: 'a worker',
  tries: 'looks for root, the engine, capabilities, devices and a writable image',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/docker/template.ts',
      find: "  Privileged: false,\n  ReadonlyRootfs: true,\n  CapDrop: ['ALL'],",
      replace: '  Privileged: true,\n  ReadonlyRootfs: false,',
    },
  ],
  async run({ attacker }) {
    const said = await attacker.output(`{ ${attempts}; } 2>/dev/null`)
    return said.split('\n').flatMap((line) => (line.startsWith('won: ') ? [line.slice(5)] : []))
  },
}
