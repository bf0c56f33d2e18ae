import { allTasks, type Event, isAbout, type State, timeOf } from '@claimlog/domain'
import { listView, showView, statusView, traceView, whyView, diffView } from '@claimlog/wire'
import * as E from 'fp-ts/lib/Either.js'
import { jsonDocument, problemDocument, problemText } from '../../packages/cli/src/output/output.ts'
import { type CliError, problemOf } from '../../packages/cli/src/problem.ts'
import {
  renderDiff,
  renderList,
  renderShow,
  renderStatus,
  renderTrace,
  renderWhy,
} from '../../packages/cli/src/render/index.ts'

/**
 * What must never reach a terminal from data: controls but the line break, what turns the direction of text, and what
 * cannot be seen. The two joiners are left out, without which some scripts and emoji fall apart.
 */
const unseen =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e007f}]|\p{Cs}/u

/** The program's own colours: `bold`, `dim` and a few more, and their ends. */
const colour = /\u001b\[\d{1,2}m/g

/** The first character of a text that must not be shown, with what stands before it; undefined: there is none. */
export const unseenIn = (text: string): string | undefined => {
  const plain = text.replace(colour, '')
  const found = unseen.exec(plain)
  if (found === null) return undefined
  return JSON.stringify(plain.slice(Math.max(0, found.index - 60), found.index + 2))
}

/** Everything that people and programs are shown of a problem. */
export const problemTexts = (error: CliError): ReadonlyArray<string> => {
  const problem = problemOf(error)
  return [problemText(problem), problemDocument(problem)]
}

/** A view as programs and as people get it; a refusal where there is none. */
const both = <A extends object>(seen: E.Either<CliError, A>, render: (view: A) => string): ReadonlyArray<string> =>
  E.isLeft(seen) ? problemTexts(seen.left) : [jsonDocument(seen.right), render(seen.right)]

/** Everything that is shown of a state and of the events that led to it, by every command that looks. */
export const shownTexts = (
  before: State,
  state: State,
  events: ReadonlyArray<Event>,
  nowMs: number,
): ReadonlyArray<string> => {
  const now = timeOf(nowMs)
  const tasks = allTasks(state)
  const ids = [...tasks.map(task => task.id), 'missing']
  return [
    ...both(E.right(listView(state, {})), view => renderList(view, {}, nowMs)),
    ...both(E.right(statusView(state, now)), view => renderStatus(view, '/log', nowMs)),
    ...both(E.right(diffView(before, state)), renderDiff),
    ...ids.flatMap(id => both(showView(state, id), view => renderShow(view, nowMs))),
    ...ids.flatMap(id => both(whyView(state, id, now), view => renderWhy(view, nowMs))),
    ...tasks.flatMap(task => both(E.right(traceView(state, task, events.filter(isAbout(task.id)), now)), renderTrace)),
  ]
}
