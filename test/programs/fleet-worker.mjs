// One worker of a fleet with random behaviour: it completes, fails, releases, renews, sleeps past its lease, abandons a
// task, and sometimes kills itself. It claims the next task in a separate step or in the step that ends a claim. Runs
// until its stdin closes; exits with an error if it gets an unexpected response.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { open } from './open-workspace.mjs'
import { seededRandom } from './seeded-random.mjs'

const [dir, worker, seed] = process.argv.slice(2)
const maxTurns = 100_000
const requestsAskedTwice = 4
const random = seededRandom(Number(seed))
const workspace = await open(dir)

/** The refusals that a worker can get if it reports too late. */
const tooLate = ['lease_lost', 'task_finished', 'task_held', 'not_claimed', 'kind_full']

/** Ends or renews a claim; returns the next task, if there is one. */
const settle = async order => {
  const settled = await workspace.run({ worker, ...order })()
  if (settled._tag === 'Left' && !tooLate.includes(settled.left.error)) throw new Error(JSON.stringify(settled.left))
  return settled._tag === 'Left' ? undefined : settled.right.next
}

const someKinds = () => random.oneOf([[], ['docs'], ['ci'], ['build'], ['docs', 'build'], ['ci', 'docs']])
const someLease = () => (random.chance(30) ? random.between(300, 800) : undefined)
const wishForNext = () => (random.chance(40) ? { kinds: someKinds(), leaseMs: someLease() } : undefined)

const complete = of => settle({ command: 'complete', ...of, result: { by: worker }, claimNext: wishForNext() })

const manners = {
  completes: complete,
  fails: of => settle({ command: 'fail', ...of, error: 'the command failed', claimNext: wishForNext() }),
  releases: of => settle({ command: 'release', ...of, reason: 'another worker can do it' }),
  renews: async of => {
    await settle({ command: 'renew', ...of, leaseMs: random.between(300, 800), progress: random.between(0, 100) })
    await sleep(random.between(0, 20))
    return complete(of)
  },
  // Another worker may have claimed the task by then, and may even have completed it.
  oversleeps: async (of, { lease_until }) => {
    await sleep(Math.max(0, Date.parse(lease_until) - Date.now()) + random.between(0, 150))
    if (random.chance(30)) await settle({ command: 'renew', ...of })
    return complete(of)
  },
  forgets: async () => undefined,
  // Before its event is in the log, or before it gets the response.
  dies: async of => {
    if (random.chance(50)) void complete(of)
    process.kill(process.pid, 'SIGKILL')
    await sleep(60_000)
  },
}

const likelihoods = { completes: 60, fails: 14, releases: 5, renews: 7, oversleeps: 5, forgets: 7, dies: 2 }
const drawn = Object.entries(likelihoods).flatMap(([manner, percent]) => Array.from({ length: percent }, () => manner))

const claim = async turn => {
  const order = {
    command: 'claim',
    worker,
    kinds: someKinds(),
    count: random.chance(20) ? 3 : undefined,
    leaseMs: someLease(),
    requestId: random.chance(requestsAskedTwice) ? `${worker}-${process.pid}-${turn}` : undefined,
  }
  const claimed = await workspace.run(order)()
  if (claimed._tag === 'Left') {
    assert.equal(claimed.left.error, 'no_ready_task', JSON.stringify(claimed.left))
    return []
  }
  if (order.requestId !== undefined) assert.deepEqual(await workspace.run(order)(), claimed)
  return [...claimed.right.tasks]
}

let working = true
process.stdin.resume().once('end', () => (working = false))
for (let turn = 0; working; turn += 1) {
  assert(turn < maxTurns, `stdin was not closed in ${maxTurns} rounds`)
  const tasks = await claim(turn)
  for (const { task, claim } of tasks) {
    await sleep(random.between(0, 15))
    const next = await manners[random.oneOf(drawn)]({ taskId: task.id, token: claim.token }, claim)
    // The loop also visits tasks that are pushed while it runs.
    if (next !== undefined) tasks.push(next)
  }
  if (tasks.length === 0) await sleep(random.between(20, 60))
}
await workspace.close()
