import * as E from 'fp-ts/lib/Either.js'
import { emptyState, type Event, fold, queueFileText, type State } from '@claimlog/domain'
import type { EventLog, IoFailed, LockTimeout } from '@claimlog/event-log'
import type { FoundQueueFile, QueueFileOnDisk } from './queue-file-on-disk.ts'

/** What should be known about `queue.json`, and stops nothing. */
export type QueueFileNotice =
  | { readonly notice: 'QueueFileEdited'; readonly path: string; readonly keptAs: string }
  | { readonly notice: 'QueueFileNotWritten'; readonly path: string; readonly detail: string }

/** Another process may write between two looks; it then wrote something newer. */
const maxLooks = 3

/** What a look under the lock came to; `newer` and `unknown` are questions to the log, which takes its time. */
type Look = 'fresh' | 'newer' | 'unknown'

/** What the log answered since the last look. */
type Known = {
  /** The file that was judged, and whether we wrote it. */
  readonly judged?: { readonly identity: string; readonly ours: boolean }
  /** A stamped seq that the log does not reach: it was put back to an earlier day. */
  readonly beyondLog?: number
}

/** Brings `queue.json` up to date with `current`, unless another process has written something newer. */
export const queueFileRefresh = (
  file: QueueFileOnDisk,
  log: EventLog<Event>,
  notify: (notice: QueueFileNotice) => void,
  underLock: <B>(body: () => B) => Promise<E.Either<IoFailed | LockTimeout, B>>,
): ((current: () => State) => Promise<void>) => {
  const look = (current: () => State, { judged, beyondLog }: Known): Look => {
    const { stampedSeq, identity } = file.inspect()
    const { seq } = current()
    if (stampedSeq === seq) return 'fresh'
    if (stampedSeq !== undefined && stampedSeq > seq && stampedSeq !== beyondLog) return 'newer'
    if (stampedSeq === undefined && identity !== undefined && identity !== judged?.identity) return 'unknown'
    if (stampedSeq === undefined && judged?.identity === identity && judged?.ours === false)
      notify({ notice: 'QueueFileEdited', path: file.path, keptAs: file.keepEdited() })
    file.write(queueFileText(current()), seq)
    return 'fresh'
  }

  return async current => {
    let known: Known = {}
    for (let looks = 1; looks <= maxLooks; looks += 1) {
      const outcome = await underLock(() => look(current, known))
      if (E.isLeft(outcome)) return notify(notWritten(file.path, outcome.left))
      if (outcome.right === 'fresh') return
      if (outcome.right === 'newer') {
        const { stampedSeq = 0 } = file.inspect()
        if (await logReaches(log, stampedSeq, current)) return
        known = { beyondLog: stampedSeq }
      } else {
        const found = file.read()
        known = { judged: { identity: found.identity, ours: await isOurs(log, found, current) } }
      }
    }
  }
}

const logReaches = async (log: EventLog<Event>, seq: number, current: () => State): Promise<boolean> => {
  const end = await log.readAfter(current().seq, () => undefined)()
  return E.isRight(end) && end.right >= seq
}

/** Whether the file is what the log says it must have been at the seq it names. An empty one is nobody's edit. */
const isOurs = async (log: EventLog<Event>, found: FoundQueueFile, current: () => State): Promise<boolean> => {
  if (found.text.trim() === '') return true
  return found.seq !== undefined && found.text === (await textAt(log, found.seq, current))
}

/** The text the file must have had at `seq`; undefined: the log does not go so far. */
const textAt = async (log: EventLog<Event>, seq: number, current: () => State): Promise<string | undefined> => {
  if (current().seq === seq) return queueFileText(current())
  let past = emptyState()
  const end = await log.readAfter(0, batch => {
    const until = batch.filter(event => event.seq <= seq)
    past = fold(past, until)
  })()
  return E.isRight(end) && past.seq === seq ? queueFileText(past) : undefined
}

const notWritten = (path: string, failure: IoFailed | LockTimeout): QueueFileNotice => ({
  notice: 'QueueFileNotWritten',
  path,
  detail:
    failure.failure === 'IoFailed'
      ? failure.detail
      : `another process (pid ${failure.holderPid ?? 'unknown'}) is at it`,
})
