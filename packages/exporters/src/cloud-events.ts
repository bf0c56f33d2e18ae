import { encodeEvent, type Event, isTaskEvent, eventTaskId } from '@claimlog/domain'
import type { HistoryExport } from './history-export.ts'

/** Enough digits for any seq, so that the strings sort like the numbers. */
const sequenceDigits = 16

/**
 * Exports every event of a history as a CloudEvent 1.0 in structured mode, one per line. `source` and `id` together are
 * unique across all workspaces; `data` is the event as in the log.
 */
export const cloudEventsExport = (): HistoryExport => {
  let workspace = ''
  return {
    begin: '',
    apply: event => {
      if (event.event === 'opened') ({ workspace } = event)
      return `${formatEnvelope(event, workspace).slice(0, -1)},"data":${encodeEvent(event)}}\n`
    },
    end: () => '',
    countUnfinished: () => 0,
  }
}

const formatEnvelope = (event: Event, workspace: string): string =>
  JSON.stringify({
    specversion: '1.0',
    id: `${workspace}/${event.seq}`,
    source: `/claimlog/${encodeURIComponent(workspace)}`,
    type: `claimlog.${subjectType(event)}.${event.event}`,
    subject: eventSubject(event),
    time: event.time,
    sequence: String(event.seq).padStart(sequenceDigits, '0'),
    datacontenttype: 'application/json',
  })

/** The type of the thing that an event changes. */
const subjectType = (event: Event): 'task' | 'kind' | 'workspace' => {
  if (isTaskEvent(event)) return 'task'
  switch (event.event) {
    case 'opened':
    case 'repaired':
    case 'moved':
      return 'workspace'
    case 'paused':
    case 'resumed':
    case 'limited':
      return 'kind'
  }
}

const eventSubject = (event: Event): string | undefined =>
  event.event === 'paused' || event.event === 'resumed' || event.event === 'limited' ? event.kind : eventTaskId(event)
