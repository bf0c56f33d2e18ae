import { allTasks, type Event, isAboutTask, type State, timeFromMs } from '@claimlog/domain'
import { listView, showView, statusView, traceView, whyView, diffView } from '@claimlog/wire'
import * as E from 'fp-ts/lib/Either.js'
import { jsonDocument, errorDocument, errorText } from '../../packages/cli/src/output/output.ts'
import { type CliError, toShownError } from '../../packages/cli/src/cli-error.ts'
import {
  renderDiff,
  renderList,
  renderShow,
  renderStatus,
  renderTrace,
  renderWhy,
} from '../../packages/cli/src/render/index.ts'

/**
 * Characters of data that must never reach a terminal: controls except the line break, characters that change the
 * direction of text, and invisible ones. The two joiners are allowed, because some scripts and emoji depend on them.
 */
const hiddenCharacters =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e007f}]|\p{Cs}/u

/** The program's own styles: `bold`, `dim` and a few more, and their resets. */
const styleSequence = /\u001b\[\d{1,2}m/g

/** The first forbidden character of a text, with the text before it; undefined if there is none. */
export const findHiddenCharacter = (text: string): string | undefined => {
  const plain = text.replace(styleSequence, '')
  const match = hiddenCharacters.exec(plain)
  if (match === null) return undefined
  return JSON.stringify(plain.slice(Math.max(0, match.index - 60), match.index + 2))
}

/** The outputs of an error for people and for programs. */
export const renderError = (error: CliError): ReadonlyArray<string> => {
  const problem = toShownError(error)
  return [errorText(problem), errorDocument(problem)]
}

/** The outputs of a view for programs and for people, or those of the refusal. */
const renderView = <A extends object>(
  viewResult: E.Either<CliError, A>,
  render: (view: A) => string,
): ReadonlyArray<string> =>
  E.isLeft(viewResult) ? renderError(viewResult.left) : [jsonDocument(viewResult.right), render(viewResult.right)]

/** The outputs of all read-only commands for a state and the events that led to it. */
export const renderAllViews = (
  before: State,
  state: State,
  events: ReadonlyArray<Event>,
  nowMs: number,
): ReadonlyArray<string> => {
  const now = timeFromMs(nowMs)
  const tasks = allTasks(state)
  const ids = [...tasks.map(task => task.id), 'missing']
  return [
    ...renderView(E.right(listView(state, {})), view => renderList(view, {}, nowMs)),
    ...renderView(E.right(statusView(state, now)), view =>
      renderStatus(view, { _tag: 'directory', dir: '/log' }, nowMs),
    ),
    ...renderView(E.right(diffView(before, state)), renderDiff),
    ...ids.flatMap(id => renderView(showView(state, id), view => renderShow(view, nowMs))),
    ...ids.flatMap(id => renderView(whyView(state, id, now), view => renderWhy(view, nowMs))),
    ...tasks.flatMap(task =>
      renderView(E.right(traceView(state, task, events.filter(isAboutTask(task.id)), now)), renderTrace),
    ),
  ]
}
