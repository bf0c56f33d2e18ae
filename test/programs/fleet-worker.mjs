// One worker of a fleet with random behaviour: it completes, fails, releases, renews, sleeps past its lease, abandons a
// task, and sometimes kills itself. It claims the next task in a separate step or in the step that ends a claim. Runs
// until its stdin closes; exits with an error if it gets an unexpected response. Journals each call before, and each
// answer after it.
import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { open } from './open-workspace.mjs'
import { seededRandom } from './seeded-random.mjs'

const [address, worker, seed, journal] = process.argv.slice(2)
const roundsMax = 100_000
const repeatedRequestPercent = 4
const random = seededRandom(Number(seed))
const workspace = await open(address)
let callCount = 0

const journalLine = line => appendFileSync(journal, `${JSON.stringify(line)}\n`)

const runJournaled = async input => {
  const call = (callCount += 1)
  journalLine({ call, atMs: Date.now(), worker, input })
  const answer = await workspace.run(input)()
  journalLine({ call, atMs: Date.now(), answer })
  return answer
}

/** The refusals that a worker can get if it reports too late. */
const lateRefusals = ['lease_lost', 'task_finished', 'task_held', 'not_claimed', 'kind_full']

/** Ends or renews a claim; returns the next task, if there is one. */
const report = async command => {
  const result = await runJournaled({ worker, ...command })
  if (result._tag === 'Left' && !lateRefusals.includes(result.left.error)) throw new Error(JSON.stringify(result.left))
  return result._tag === 'Left' ? undefined : result.right.next
}

const randomKinds = () => random.oneOf([[], ['docs'], ['ci'], ['build'], ['docs', 'build'], ['ci', 'docs']])
const randomLeaseMs = () => (random.chance(30) ? random.between(300, 800) : undefined)
const randomClaimNext = () => (random.chance(40) ? { kinds: randomKinds(), leaseMs: randomLeaseMs() } : undefined)

const complete = claimRef =>
  report({ command: 'complete', ...claimRef, result: { by: worker }, claimNext: randomClaimNext() })

const behaviours = {
  completes: complete,
  fails: claimRef =>
    report({ command: 'fail', ...claimRef, error: 'the command failed', claimNext: randomClaimNext() }),
  releases: claimRef => report({ command: 'release', ...claimRef, reason: 'another worker can do it' }),
  renews: async claimRef => {
    await report({ command: 'renew', ...claimRef, leaseMs: random.between(300, 800), progress: random.between(0, 100) })
    await sleep(random.between(0, 20))
    return complete(claimRef)
  },
  // Another worker may have claimed the task by then, and may even have completed it.
  oversleeps: async (claimRef, { leaseUntil }) => {
    await sleep(Math.max(0, Date.parse(leaseUntil) - Date.now()) + random.between(0, 150))
    if (random.chance(30)) await report({ command: 'renew', ...claimRef })
    return complete(claimRef)
  },
  forgets: async () => undefined,
  // Before its event is in the log, or before it gets the response.
  dies: async claimRef => {
    if (random.chance(50)) void complete(claimRef)
    process.kill(process.pid, 'SIGKILL')
    await sleep(60_000)
  },
}

const behaviourPercents = { completes: 60, fails: 14, releases: 5, renews: 7, oversleeps: 5, forgets: 7, dies: 2 }
const weightedBehaviours = Object.entries(behaviourPercents).flatMap(([behaviour, percent]) =>
  Array.from({ length: percent }, () => behaviour),
)

const claim = async round => {
  const command = {
    command: 'claim',
    worker,
    kinds: randomKinds(),
    count: random.chance(20) ? 3 : undefined,
    leaseMs: randomLeaseMs(),
    requestId: random.chance(repeatedRequestPercent) ? `${worker}-${process.pid}-${round}` : undefined,
  }
  const claimed = await runJournaled(command)
  if (claimed._tag === 'Left') {
    assert.equal(claimed.left.error, 'no_ready_task', JSON.stringify(claimed.left))
    return []
  }
  if (command.requestId !== undefined) assert.deepEqual(await runJournaled(command), claimed)
  return [...claimed.right.tasks]
}

let working = true
process.stdin.resume().once('end', () => (working = false))
for (let round = 0; working; round += 1) {
  assert(round < roundsMax, `stdin was not closed in ${roundsMax} rounds`)
  const tasks = await claim(round)
  for (const { task, claim } of tasks) {
    await sleep(random.between(0, 15))
    const next = await behaviours[random.oneOf(weightedBehaviours)]({ taskId: task.id, token: claim.token }, claim)
    // The loop also visits tasks that are pushed while it runs.
    if (next !== undefined) tasks.push(next)
  }
  if (tasks.length === 0) await sleep(random.between(20, 60))
}
await workspace.close()
