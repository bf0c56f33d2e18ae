import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findCheckout } from '@claimlog/discovery'
import type { WorkerName } from '@claimlog/domain'
import { labelFromEnvironment, toLabel, formatWorkerName } from './agent-labels.ts'
import { type AgentProcess, findAgentProcess, limitToAgent } from './find-agent-process.ts'
import { type NameSlots, type ProcessMark, type Slot, withNameSlots } from './name-slots.ts'
import { isRunning, type AncestorProcess, readAncestors } from './ancestors.ts'

/** The name that an agent works under. */
export type Identity = {
  readonly worker: WorkerName
  /** True if it is the only live agent of that name, so that all claims of that name are its own. */
  readonly isAlone: boolean
  /** Other names of this checkout that no live agent uses. */
  readonly freeNames: ReadonlyArray<WorkerName>
  /** Writes the slot of the name again, if it was deleted. */
  readonly save: () => Promise<void>
}

/** Properties of the agent to identify. */
export type IdentifyOptions = {
  /** The workspace's directory. */
  readonly dir: string
  readonly cwd: string
  /** The agent's own name for itself, if it reported one. */
  readonly client: string | undefined
  /** The name that a person chose for it. */
  readonly chosenName: WorkerName | undefined
  /** Workers with live claims: an agent prefers to return to a free name among them. */
  readonly workersWithClaims: ReadonlySet<WorkerName>
  /** True for the agent's server, which locks the name while it lives. */
  readonly isServer: boolean
}

/**
 * Returns the name of the agent that started this process, the same for its server, its hooks and its shell: all of
 * them find the agent's process among their ancestors, and its slot. An agent without a slot takes one of its checkout
 * that no live agent uses, first one from the same terminal, then one with claims; else a new one. undefined: no agent
 * was found, and a person chooses a name.
 */
export const identify = async (options: IdentifyOptions): Promise<Identity | undefined> => {
  const view = inspectProcess(options)
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const result = await withNameSlots(options.dir, slots => findIdentity(options, view, slots, waitedMs < waitMsMax))
    if (result !== 'wait') return result
    await sleep(pauseMs)
  }
}

/**
 * A server replaced by this one ends within this time; one that lives longer belongs to another agent in the process.
 */
const waitMsMax = 1000
const pauseMs = 50

const findIdentity = (
  options: IdentifyOptions,
  view: ProcessView,
  slots: NameSlots,
  mayWait: boolean,
): Identity | undefined | 'wait' => {
  const allSlots = slots.read()
  const match = findSlot(options, view, slots, allSlots, mayWait)
  if (match === undefined || match === 'wait') return match
  const { slot, isNew } = match
  const previousSlot = allSlots.find(({ worker }) => worker === slot.worker)
  if (isNew) slots.save(slot)
  const isLocked = options.isServer && slots.lock(slot.worker) === undefined
  const isTaken = isLocked && previousSlot !== undefined && isLive(previousSlot, view, slots)
  const isVacant = (otherSlot: Slot): boolean =>
    otherSlot.checkout === view.checkout && otherSlot.worker !== slot.worker && !isLive(otherSlot, view, slots)
  return {
    worker: slot.worker,
    isAlone: !isTaken,
    freeNames: allSlots.filter(isVacant).map(({ worker }) => worker),
    save: () => withNameSlots(options.dir, lockedSlots => restoreSlot(slot, lockedSlots)),
  }
}

/** The folder may have been deleted, and the lock with it. */
const restoreSlot = (slot: Slot, slots: NameSlots): void => {
  if (slots.has(slot.worker)) return
  slots.save(slot)
  slots.lock(slot.worker)
}

/** The environment of this process. */
type ProcessView = {
  readonly ancestors: ReadonlyArray<AncestorProcess>
  readonly realm: string
  readonly agent: AgentProcess | undefined
  readonly client: string
  readonly checkout: string
}

const inspectProcess = ({ dir, cwd, client }: IdentifyOptions): ProcessView => {
  const { list, realm } = readAncestors()
  const agent = findAgentProcess(list)
  const agentLabel = client === undefined ? (labelFromEnvironment(process.env) ?? agent?.label) : toLabel(client)
  return { ancestors: limitToAgent(list), realm, agent, client: agentLabel ?? '', checkout: findCheckoutRoot(dir, cwd) }
}

/** An editor starts its servers outside the project, and may name the project in the environment. */
const findCheckoutRoot = (dir: string, cwd: string): string => {
  const folder = process.env['WORKSPACE_FOLDER_PATHS']?.split(',')[0]
  const startDir = folder === undefined || folder === '' ? cwd : folder
  return findCheckout(startDir)?.root ?? findCheckout(dirname(dir))?.root ?? dirname(dir)
}

type SlotMatch = { readonly slot: Slot; readonly isNew: boolean }

const findSlot = (
  options: IdentifyOptions,
  view: ProcessView,
  slots: NameSlots,
  allSlots: ReadonlyArray<Slot>,
  mayWait: boolean,
): SlotMatch | undefined | 'wait' => {
  const { chosenName, isServer } = options
  if (chosenName !== undefined)
    return isServer && mayWait && slots.isLocked(chosenName)
      ? 'wait'
      : { slot: newSlot(chosenName, view), isNew: isServer }
  const candidates = ownSlots(options, view, slots, allSlots)
  // Two servers alive at once belong to two agents, even if one process started both.
  const firstCandidate = isServer ? candidates.find(({ worker }) => !slots.isLocked(worker)) : candidates[0]
  if (firstCandidate !== undefined) return toMatch(firstCandidate, view)
  if (candidates.length > 0 && mayWait) return 'wait'
  if (view.agent === undefined && view.client === '' && !isServer) return undefined
  const localSlots = allSlots.filter(({ checkout }) => checkout === view.checkout)
  const [freeSlot] = localSlots
    .filter(slot => isSameAgent(slot, view) && !isLive(slot, view, slots))
    .sort((a, b) => rankSlot(a, view, options) - rankSlot(b, view, options) || compareNames(a, b))
  if (freeSlot !== undefined) return { slot: newSlot(freeSlot.worker, view), isNew: true }
  const usedNames = new Set(allSlots.map(({ worker }) => worker))
  const label = view.client === '' ? 'agent' : view.client
  for (let number = 1; ; number += 1) {
    const worker = formatWorkerName(label, view.checkout, number)
    if (!usedNames.has(worker)) return { slot: newSlot(worker, view), isNew: true }
  }
}

const toMatch = (slot: Slot, { client }: ProcessView): SlotMatch =>
  slot.client !== '' || client === '' ? { slot, isNew: false } : { slot: { ...slot, client }, isNew: true }

/**
 * The slots of the agent above this process, in this checkout or else in another one where it started; the nearest
 * first.
 */
const ownSlots = (
  { isServer }: IdentifyOptions,
  view: ProcessView,
  slots: NameSlots,
  allSlots: ReadonlyArray<Slot>,
): ReadonlyArray<Slot> => {
  const isServed = ({ worker }: Slot): boolean => slots.isLocked(worker)
  const possibleSlots = allSlots
    .filter(slot => slot.realm === view.realm && (slot.client === '' || !isOtherClient(slot, view)))
    .sort(compareNames)
  const localSlots = possibleSlots.filter(({ checkout }) => checkout === view.checkout)
  for (const ancestor of view.ancestors) {
    const matches = localSlots.filter(slot => isSameProcess(slot.agent, ancestor) || isSameProcess(slot.top, ancestor))
    const otherSlots = isServer ? [] : possibleSlots.filter(({ agent }) => isSameProcess(agent, ancestor))
    // Higher up, only slots with a known client: any other process may have started several agents.
    const isNearest = ancestor.pid === view.agent?.self.pid || ancestor.pid === view.agent?.top.pid
    const candidates = (matches.length > 0 ? matches : otherSlots).filter(({ client }) => isNearest || client !== '')
    // A name that has a server is the agent's; another may have been created while the folder was deleted.
    if (candidates.length > 0) return [...candidates.filter(isServed), ...candidates.filter(slot => !isServed(slot))]
  }
  if (isServer) return []
  // A sandbox with its own pid namespace hides the agent: then it is the only server of its client in this checkout.
  const sandboxSlots = allSlots.filter(
    slot => slot.checkout === view.checkout && slot.realm !== view.realm && slot.client === view.client,
  )
  const servedSlots = sandboxSlots.filter(({ worker }) => slots.isLocked(worker))
  return servedSlots.length === 1 ? servedSlots : []
}

/** Both clients are known, and differ: one may have started the other. */
const isOtherClient = ({ client }: Slot, view: ProcessView): boolean => view.client !== '' && client !== view.client

const isSameAgent = (slot: Slot, view: ProcessView): boolean =>
  view.client !== '' && slot.client !== ''
    ? slot.client === view.client
    : slot.program !== '' && slot.program === view.agent?.program

const isSameProcess = (mark: ProcessMark | undefined, { pid, startedAt }: AncestorProcess): boolean =>
  mark?.pid === pid && mark.startedAt === startedAt

/** If processes cannot be compared, only the lock of its server shows that an agent is alive. */
const isLive = ({ agent, realm, worker }: Slot, view: ProcessView, slots: NameSlots): boolean =>
  agent !== undefined && realm === view.realm ? isRunning(agent) : slots.isLocked(worker)

const rankSlot = (
  { terminal, worker }: Slot,
  { agent }: ProcessView,
  { workersWithClaims }: IdentifyOptions,
): number => {
  if (terminal !== '' && terminal === agent?.self.terminal) return 0
  return workersWithClaims.has(worker) ? 1 : 2
}

const compareNames = (a: Slot, b: Slot): number => a.worker.length - b.worker.length || (a.worker < b.worker ? -1 : 1)

const newSlot = (worker: WorkerName, { agent, client, checkout, realm }: ProcessView): Slot => ({
  worker,
  client,
  checkout,
  program: agent?.program ?? '',
  terminal: agent?.self.terminal ?? '',
  ...(agent === undefined ? {} : { agent: toProcessMark(agent.self), top: toProcessMark(agent.top) }),
  realm,
})

const toProcessMark = ({ pid, startedAt }: AncestorProcess): ProcessMark => ({ pid, startedAt })
