import type { Inside } from '../stage/inside.ts'
import { peakDuring } from '../stage/server-process.ts'
import type { Attack } from '../stage/attack.ts'
import { takeBack } from '../stage/workspace.ts'

/** MiB above what the server uses at rest. */
const most = { server: 200, git: 1_100 }

/** A tree of `fan` to the power of 3 files, of four objects. */
const wide = (fan: number): string => `
  entry="100644 blob $(echo x | git hash-object -w --stdin)"
  for level in 1 2 3; do
    entry="040000 tree $(seq ${fan} | sed "s/.*/$entry\\t&/" | git mktree)"
  done
  echo "\${entry##* }"`

/** A file below 5,000 directories: git itself would take minutes to write so many objects. */
const deep = `node -e '
  const { createHash } = require("node:crypto")
  const { mkdirSync, writeFileSync } = require("node:fs")
  const write = (type, content) => {
    const object = Buffer.concat([Buffer.from(type + " " + content.length + "\\0"), content])
    const id = createHash("sha1").update(object).digest("hex")
    const folder = ".git/objects/" + id.slice(0, 2)
    mkdirSync(folder, { recursive: true })
    writeFileSync(folder + "/" + id.slice(2), require("node:zlib").deflateSync(object))
    return id
  }
  let id = write("blob", Buffer.from("x"))
  for (let level = 0; level <= 5000; level += 1)
    id = write("tree", Buffer.concat([Buffer.from((level ? "40000" : "100644") + " d\\0"), Buffer.from(id, "hex")]))
  console.log(id)'`

const bombs = [
  ['103,823 files', wide(47)],
  ['1,000,000 files', wide(100)],
  ['5,000 directories in one another', deep],
] as const

/**
 * The check inside the container would refuse such a branch. So the branch moves when that check
 * has ended, before the server fetches it.
 */
export const workBomb: Attack = {
  id: 'work-bomb',
  from: 'a worker',
  tries: 'reports a pack of a few hundred bytes with a million files, and a very deep tree',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/git/intake/intake.ts',
      find: 'const excess = await findExcess({ ...quarantine, hub: git }, main, tip)',
      replace: 'const excess = ((): string | null => null)()',
    },
  ],
  async run(stage) {
    const { attacker, setup } = stage
    const task = await stage.taskOf(attacker)
    const got: string[] = []
    const reportOne = async (tree: string): Promise<string> => {
      const { commit, watcher } = await armed(attacker, task, tree)
      const answer = await stage.report(attacker, 'A few files.')
      // A late one would move the branch in the middle of the next attack.
      await attacker.sh(`kill -KILL ${watcher}`)
      const tip = await attacker.output(`cd /workspace && git rev-parse task/${task}`)
      if (tip !== commit) throw new Error('the branch did not move')
      return answer
    }
    for (const [what, tree] of bombs) {
      let answer = ''
      const peak = await peakDuring(setup.state, async () => {
        answer = await reportOne(tree)
        if (!answer.startsWith('Report rejected')) {
          const phase = await stage.settled(task)
          got.push(`${what} in the hub (${phase})`)
        } else if (!/too much|git (?:needs|prints)/.test(answer)) {
          throw new Error(`${what} are refused for another reason: ${answer}`)
        }
      }).catch(async (error: unknown) => {
        // A bomb on the branch would fill the disk when the task goes on.
        await takeBack(stage, attacker)
        throw error
      })
      if (peak.server > most.server) got.push(`${Math.round(peak.server)} MiB of the server`)
      if (peak.git > most.git) got.push(`${Math.round(peak.git)} MiB of one git`)
      if (got.length > 0) return got
      await takeBack(stage, attacker)
    }
    return got
  },
}

/**
 * Makes a commit of the tree, and a process that moves the branch there when the check has ended:
 * the last thing that it does is to offer the tip that it has checked. The server fetches some
 * milliseconds later, so the process waits without a pause, and starts none.
 */
async function armed(
  attacker: Inside,
  task: string,
  tree: string,
): Promise<{ readonly commit: string; readonly watcher: string }> {
  const said = await attacker.output(`
    cd "$ORCHESTRATOR_WORKSPACE"
    git commit --quiet --allow-empty --message 'Work'
    bomb=$(${tree})
    tree=$({ git ls-tree HEAD; printf '040000 tree %s\\tbomb\\n' $bomb; } | git mktree)
    commit=$(git commit-tree $tree -p HEAD -m 'Work')
    checked=$(git rev-parse HEAD)
    mkdir -p .git/refs/heads/task
    (
      offered=
      looks=0
      until [ "$offered" = $checked ]; do
        looks=$((looks + 1))
        [ $looks -le 10000000 ] || exit
        { read -r offered <.git/refs/worktree/earlier/${task}; } 2>/dev/null
      done
      echo $commit >.git/refs/heads/task/${task}
    ) >/dev/null 2>&1 </dev/null &
    echo $commit $!`)
  const [commit = '', watcher = ''] = said.split(' ')
  return { commit, watcher }
}
