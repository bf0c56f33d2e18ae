import { toPrintable } from '@claimlog/client/unstable-internals'
import { bold, dim, yellow } from './style.ts'
import { renderTable } from './table.ts'
import type { QueueView, SetupFile, SetupView, SetupAgentsView } from '@claimlog/wire'

/** The files of one agent that were or would be changed, then the steps left to the user. */
export const renderSetUp = (
  view: SetupView,
  title: string,
  what: 'written' | 'removed' | 'printed' | 'checked',
  isQueueHere: boolean,
): string => {
  if (what === 'printed') return `${view.files.map(printedFile).join('\n')}${arrows(view.notes)}`
  const lines = view.files.map(({ path, state }) => `  ${state.padEnd(9)}  ${toPrintable(path)}\n`).join('')
  if (what === 'removed')
    return view.files.some(({ state }) => state !== 'unchanged')
      ? `claimlog is removed from ${title} here\n${lines}${arrows(view.notes)}`
      : `claimlog is not set up in ${title} here\n`
  const steps = what === 'checked' ? view.notes : nextSteps(view)
  const queue = queueRemarks(view, isQueueHere)
  const head = view.workspace === undefined ? `${title} is set up here, but finds no queue` : `${title} is set up here`
  return `${head}\n${lines}${arrows([...steps, ...queue])}`
}

const printedFile = ({ path, state, content }: SetupFile): string => {
  const text = (content ?? '').split(/\r?\n/).map(line => toPrintable(line.replaceAll('\t', '  ')))
  return `${bold(toPrintable(path))}  ${dim(state)}\n${text.join('\n').trimEnd()}\n`
}

const nextSteps = ({ notes, command, on_path: onPath }: SetupView): ReadonlyArray<string> => {
  if (onPath) return notes
  return [
    ...notes,
    `claimlog is not on the PATH, so the configuration runs ${command.join(' ')}, which works on this machine only; install it globally, then run this command again.`,
  ]
}

/** A remark on the queue's location if it is not this folder, or on how to get a queue. */
const queueRemarks = (
  { workspace, workspace_problem: problem }: QueueView,
  isQueueHere: boolean,
): ReadonlyArray<string> => {
  if (problem !== undefined) return [`No queue was found: ${problem.message}; ${problem.hint}.`]
  return workspace === undefined || isQueueHere ? [] : [`The queue is ${workspace}.`]
}

const arrows = (steps: ReadonlyArray<string>): string =>
  steps.length === 0 ? '' : `\n${steps.map(step => `${yellow('→')} ${toPrintable(step)}\n`).join('')}`

const usedWords = { here: 'here', by_you: 'by you', no: '-' } as const
const setUpWords = { yes: 'yes', partly: 'partly', no: '-', unreadable: 'unknown' } as const

/** The table of agents: used or not, set up or not. */
export const renderSurvey = (standings: SetupAgentsView['agents'], queue: QueueView, isQueueHere: boolean): string => {
  const table = renderTable(
    ['AGENT', '', 'USED', 'SET UP'],
    standings.map(({ agent, title, used, set_up: isSetUp }) => [agent, title, usedWords[used], setUpWords[isSetUp]]),
  )
  const problems = new Set(standings.flatMap(({ problem }) => (problem === undefined ? [] : toPrintable(problem))))
  const remarks = [...problems].map(problem => `${yellow(problem)}\n`).join('')
  const next = queueRemarks(queue, isQueueHere).map(remark => `${toPrintable(remark)}\n`)
  return `${table}\n${remarks === '' ? '' : `${remarks}\n`}claimlog setup <agent> configures one in this folder.\n${next.join('')}`
}
