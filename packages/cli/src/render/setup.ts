import { toPrintable } from '@claimlog/client/unstable-internals'
import { bold, dim, yellow } from './style.ts'
import { renderTable } from './table.ts'
import type { QueueView, SetupFile, SetupView, SetupAgentsView } from '@claimlog/wire'

/** The files of one agent that were or would be changed, then the steps left to the user. */
export const renderSetup = (
  view: SetupView,
  title: string,
  action: 'written' | 'removed' | 'printed' | 'checked',
  isQueueHere: boolean,
): string => {
  if (action === 'printed') return `${view.files.map(renderFile).join('\n')}${renderSteps(view.notes)}`
  const lines = view.files.map(({ path, state }) => `  ${state.padEnd(9)}  ${toPrintable(path)}\n`).join('')
  if (action === 'removed')
    return view.files.some(({ state }) => state !== 'unchanged')
      ? `claimlog is removed from ${title} here\n${lines}${renderSteps(view.notes)}`
      : `claimlog is not set up in ${title} here\n`
  const steps = action === 'checked' ? view.notes : listNextSteps(view)
  const queue = listQueueRemarks(view, isQueueHere)
  const head = view.workspace === undefined ? `${title} is set up here, but finds no queue` : `${title} is set up here`
  return `${head}\n${lines}${renderSteps([...steps, ...queue])}`
}

const renderFile = ({ path, state, content }: SetupFile): string => {
  const text = (content ?? '').split(/\r?\n/).map(line => toPrintable(line.replaceAll('\t', '  ')))
  return `${bold(toPrintable(path))}  ${dim(state)}\n${text.join('\n').trimEnd()}\n`
}

const listNextSteps = ({ notes, command, onPath }: SetupView): ReadonlyArray<string> => {
  if (onPath) return notes
  return [
    ...notes,
    `claimlog is not on the PATH, so the configuration runs ${command.join(' ')}, which works on this machine only; install it globally, then run this command again.`,
  ]
}

/** A remark on the queue's location if it is not this folder, or on how to get a queue. */
const listQueueRemarks = (
  { workspace, log, workspaceProblem: problem }: QueueView,
  isQueueHere: boolean,
): ReadonlyArray<string> => {
  if (problem !== undefined) return [`No queue was found: ${problem.message}; ${problem.hint}.`]
  if (log !== undefined) return [`The queue is ${log}.`]
  return workspace === undefined || isQueueHere ? [] : [`The queue is ${workspace}.`]
}

const renderSteps = (steps: ReadonlyArray<string>): string =>
  steps.length === 0 ? '' : `\n${steps.map(step => `${yellow('→')} ${toPrintable(step)}\n`).join('')}`

const usageNames = { here: 'here', by_you: 'by you', no: '-' } as const
const setupNames = { yes: 'yes', partly: 'partly', no: '-', unreadable: 'unknown' } as const

/** The table of agents: used or not, set up or not. */
export const renderAgents = (
  agentStates: SetupAgentsView['agents'],
  queue: QueueView,
  isQueueHere: boolean,
): string => {
  const table = renderTable(
    ['AGENT', '', 'USED', 'SET UP'],
    agentStates.map(({ agent, title, used, setUp: setupState }) => [
      agent,
      title,
      usageNames[used],
      setupNames[setupState],
    ]),
  )
  const problems = new Set(agentStates.flatMap(({ problem }) => (problem === undefined ? [] : toPrintable(problem))))
  const remarks = [...problems].map(problem => `${yellow(problem)}\n`).join('')
  const next = listQueueRemarks(queue, isQueueHere).map(remark => `${toPrintable(remark)}\n`)
  return `${table}\n${remarks === '' ? '' : `${remarks}\n`}claimlog setup <agent> configures one in this folder.\n${next.join('')}`
}
