import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { checkoutOf } from '@claimlog/discovery'
import type { WorkerName } from '@claimlog/domain'
import { agentInEnvironment, labelOf, workerNameFor } from './agent-labels.ts'
import { type AgentProcess, agentProcessIn, withinAgent } from './agent-process.ts'
import { type NameSlots, type ProcessMark, type Slot, withNameSlots } from './name-slots.ts'
import { isRunning, type ProcessAbove, processesAbove } from './processes-above.ts'

/** The name that an agent works under. */
export type Identity = {
  readonly worker: WorkerName
  /** True if it is the only live agent of that name, so that all claims of that name are its own. */
  readonly isAlone: boolean
  /** Other names of this checkout that no live agent uses. */
  readonly vacant: ReadonlyArray<WorkerName>
  /** Writes the slot of the name again, if it was deleted. */
  readonly keep: () => Promise<void>
}

/** Properties of the agent to identify. */
export type Asking = {
  /** The workspace's directory. */
  readonly dir: string
  readonly cwd: string
  /** The agent's own name for itself, if it reported one. */
  readonly client: string | undefined
  /** The name that a person chose for it. */
  readonly named: WorkerName | undefined
  /** Workers with live claims: an agent prefers to return to a free name among them. */
  readonly holders: ReadonlySet<WorkerName>
  /** True for the agent's server, which locks the name while it lives. */
  readonly isServer: boolean
}

/**
 * Returns the name of the agent that started this process, the same for its server, its hooks and its shell: all of
 * them find the agent's process among their ancestors, and its slot. An agent without a slot takes one of its checkout
 * that no live agent uses, first one from the same terminal, then one with claims; else a new one. undefined: no agent
 * was found, and a person chooses a name.
 */
export const identify = async (asking: Asking): Promise<Identity | undefined> => {
  const seen = look(asking)
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const asked = await withNameSlots(asking.dir, slots => nameIn(asking, seen, slots, waitedMs < patienceMs))
    if (asked !== 'wait') return asked
    await sleep(pauseMs)
  }
}

/**
 * A server replaced by this one ends within this time; one that lives longer belongs to another agent in the process.
 */
const patienceMs = 1000
const pauseMs = 50

const nameIn = (asking: Asking, seen: Sight, slots: NameSlots, mayWait: boolean): Identity | undefined | 'wait' => {
  const all = slots.read()
  const found = findSlot(asking, seen, slots, all, mayWait)
  if (found === undefined || found === 'wait') return found
  const { slot, isNew } = found
  const before = all.find(({ worker }) => worker === slot.worker)
  if (isNew) slots.keep(slot)
  const isLocked = asking.isServer && slots.lock(slot.worker) === undefined
  const isTheirs = isLocked && before !== undefined && isLive(before, seen, slots)
  const isVacant = (each: Slot): boolean =>
    each.checkout === seen.checkout && each.worker !== slot.worker && !isLive(each, seen, slots)
  return {
    worker: slot.worker,
    isAlone: !isTheirs,
    vacant: all.filter(isVacant).map(({ worker }) => worker),
    keep: () => withNameSlots(asking.dir, again => keepAgain(slot, again)),
  }
}

/** The folder may have been deleted, and the lock with it. */
const keepAgain = (slot: Slot, slots: NameSlots): void => {
  if (slots.has(slot.worker)) return
  slots.keep(slot)
  slots.lock(slot.worker)
}

/** The environment of this process. */
type Sight = {
  readonly above: ReadonlyArray<ProcessAbove>
  readonly realm: string
  readonly agent: AgentProcess | undefined
  readonly client: string
  readonly checkout: string
}

const look = ({ dir, cwd, client }: Asking): Sight => {
  const { list, realm } = processesAbove()
  const agent = agentProcessIn(list)
  const said = client === undefined ? (agentInEnvironment(process.env) ?? agent?.label) : labelOf(client)
  return { above: withinAgent(list), realm, agent, client: said ?? '', checkout: checkoutFor(dir, cwd) }
}

/** An editor starts its servers outside the project, and may name the project in the environment. */
const checkoutFor = (dir: string, cwd: string): string => {
  const folder = process.env['WORKSPACE_FOLDER_PATHS']?.split(',')[0]
  const from = folder === undefined || folder === '' ? cwd : folder
  return checkoutOf(from)?.root ?? checkoutOf(dirname(dir))?.root ?? dirname(dir)
}

type Found = { readonly slot: Slot; readonly isNew: boolean }

const findSlot = (
  asking: Asking,
  seen: Sight,
  slots: NameSlots,
  all: ReadonlyArray<Slot>,
  mayWait: boolean,
): Found | undefined | 'wait' => {
  const { named, isServer } = asking
  if (named !== undefined)
    return isServer && mayWait && slots.isLocked(named) ? 'wait' : { slot: newSlot(named, seen), isNew: isServer }
  const own = ownSlots(asking, seen, slots, all)
  // Two servers alive at once belong to two agents, even if one process started both.
  const first = isServer ? own.find(({ worker }) => !slots.isLocked(worker)) : own[0]
  if (first !== undefined) return ownedBy(first, seen)
  if (own.length > 0 && mayWait) return 'wait'
  if (seen.agent === undefined && seen.client === '' && !isServer) return undefined
  const here = all.filter(({ checkout }) => checkout === seen.checkout)
  const [vacant] = here
    .filter(slot => isSameAgent(slot, seen) && !isLive(slot, seen, slots))
    .sort((a, b) => rankOf(a, seen, asking) - rankOf(b, seen, asking) || compareNames(a, b))
  if (vacant !== undefined) return { slot: newSlot(vacant.worker, seen), isNew: true }
  const taken = new Set(all.map(({ worker }) => worker))
  const label = seen.client === '' ? 'agent' : seen.client
  for (let number = 1; ; number += 1) {
    const worker = workerNameFor(label, seen.checkout, number)
    if (!taken.has(worker)) return { slot: newSlot(worker, seen), isNew: true }
  }
}

const ownedBy = (slot: Slot, { client }: Sight): Found =>
  slot.client !== '' || client === '' ? { slot, isNew: false } : { slot: { ...slot, client }, isNew: true }

/**
 * The slots of the agent above this process, in this checkout or else in another one where it started; the nearest
 * first.
 */
const ownSlots = (
  { isServer }: Asking,
  seen: Sight,
  slots: NameSlots,
  all: ReadonlyArray<Slot>,
): ReadonlyArray<Slot> => {
  const isServed = ({ worker }: Slot): boolean => slots.isLocked(worker)
  const mayBe = all
    .filter(slot => slot.realm === seen.realm && (slot.client === '' || !isOther(slot, seen)))
    .sort(compareNames)
  const here = mayBe.filter(({ checkout }) => checkout === seen.checkout)
  for (const process of seen.above) {
    const found = here.filter(slot => isSame(slot.agent, process) || isSame(slot.top, process))
    const elsewhere = isServer ? [] : mayBe.filter(({ agent }) => isSame(agent, process))
    // Higher up, only slots with a known client: any other process may have started several agents.
    const isNearest = process.pid === seen.agent?.self.pid || process.pid === seen.agent?.top.pid
    const own = (found.length > 0 ? found : elsewhere).filter(({ client }) => isNearest || client !== '')
    // A name that has a server is the agent's; another may have been created while the folder was deleted.
    if (own.length > 0) return [...own.filter(isServed), ...own.filter(slot => !isServed(slot))]
  }
  if (isServer) return []
  // A sandbox with its own pid namespace hides the agent: then it is the only server of its client in this checkout.
  const hidden = all.filter(
    slot => slot.checkout === seen.checkout && slot.realm !== seen.realm && slot.client === seen.client,
  )
  const served = hidden.filter(({ worker }) => slots.isLocked(worker))
  return served.length === 1 ? served : []
}

/** Both clients are known, and differ: one may have started the other. */
const isOther = ({ client }: Slot, seen: Sight): boolean => seen.client !== '' && client !== seen.client

const isSameAgent = (slot: Slot, seen: Sight): boolean =>
  seen.client !== '' && slot.client !== ''
    ? slot.client === seen.client
    : slot.program !== '' && slot.program === seen.agent?.program

const isSame = (mark: ProcessMark | undefined, { pid, startedAt }: ProcessAbove): boolean =>
  mark?.pid === pid && mark.startedAt === startedAt

/** If processes cannot be compared, only the lock of its server shows that an agent is alive. */
const isLive = ({ agent, realm, worker }: Slot, seen: Sight, slots: NameSlots): boolean =>
  agent !== undefined && realm === seen.realm ? isRunning(agent) : slots.isLocked(worker)

const rankOf = ({ terminal, worker }: Slot, { agent }: Sight, { holders }: Asking): number => {
  if (terminal !== '' && terminal === agent?.self.terminal) return 0
  return holders.has(worker) ? 1 : 2
}

const compareNames = (a: Slot, b: Slot): number => a.worker.length - b.worker.length || (a.worker < b.worker ? -1 : 1)

const newSlot = (worker: WorkerName, { agent, client, checkout, realm }: Sight): Slot => ({
  worker,
  client,
  checkout,
  program: agent?.program ?? '',
  terminal: agent?.self.terminal ?? '',
  ...(agent === undefined ? {} : { agent: markOf(agent.self), top: markOf(agent.top) }),
  realm,
})

const markOf = ({ pid, startedAt }: ProcessAbove): ProcessMark => ({ pid, startedAt })
