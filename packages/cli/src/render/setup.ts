import { printable } from '@claimlog/domain'
import type { SetupView, SurveyView } from '../setup/views.ts'
import { bold, dim, yellow } from './style.ts'
import { renderTable } from './table.ts'

/** What became of the files of one agent, or would; then what is left for a person to do. */
export const renderSetUp = (
  view: SetupView,
  title: string,
  what: 'written' | 'removed' | 'printed' | 'checked',
): string => {
  if (what === 'printed') return `${view.files.map(printedFile).join('\n')}${arrows(view.notes)}`
  const lines = view.files.map(({ path, state }) => `  ${state.padEnd(9)}  ${printable(path)}\n`).join('')
  if (what === 'removed')
    return view.files.some(({ state }) => state !== 'unchanged')
      ? `claimlog is taken out of ${title} here\n${lines}${arrows(view.notes)}`
      : `there is nothing of claimlog in ${title} here\n`
  return `${title} is set up here\n${lines}${what === 'checked' ? arrows(view.notes) : nextSteps(view)}`
}

const printedFile = ({ path, state, content }: SetupView['files'][number]): string => {
  const text = (content ?? '').split(/\r?\n/).map(line => printable(line.replaceAll('\t', '  ')))
  return `${bold(printable(path))}  ${dim(state)}\n${text.join('\n').trimEnd()}\n`
}

const nextSteps = ({ notes, command, on_path: onPath, workspace }: SetupView): string => {
  const steps = [...notes]
  if (!onPath)
    steps.push(
      `claimlog is not on the path, so what is written runs ${command.join(' ')}, which holds on this machine alone; install it for everybody, then run the same again.`,
    )
  if (workspace === undefined) steps.push(noWorkspace.trimEnd())
  return arrows(steps)
}

const arrows = (steps: ReadonlyArray<string>): string =>
  steps.length === 0 ? '' : `\n${steps.map(step => `${yellow('→')} ${printable(step)}\n`).join('')}`

const usedWords = { here: 'here', by_you: 'by you', no: '-' } as const
const setUpWords = { yes: 'yes', partly: 'partly', no: '-', unreadable: 'cannot tell' } as const

/** Every agent: whether it is used, and whether it is set up. */
export const renderSurvey = (standings: SurveyView['agents'], workspace: string | undefined): string => {
  const table = renderTable(
    ['AGENT', '', 'USED', 'SET UP'],
    standings.map(({ agent, title, used, set_up: isSetUp }) => [agent, title, usedWords[used], setUpWords[isSetUp]]),
  )
  const problems = new Set(standings.flatMap(({ problem }) => (problem === undefined ? [] : printable(problem))))
  const remarks = [...problems].map(problem => `${yellow(problem)}\n`).join('')
  const next = workspace === undefined ? noWorkspace : ''
  return `${table}\n${remarks === '' ? '' : `${remarks}\n`}claimlog setup <agent> sets one up in this folder.\n${next}`
}

const noWorkspace = 'There is no workspace here yet: claimlog init makes one.\n'
