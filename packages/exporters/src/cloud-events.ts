import { encodeEvent, type Event, isTaskEvent, eventTaskId } from '@claimlog/domain'
import type { HistoryExport } from './history-export.ts'

/** Enough digits for any seq, so that the strings sort like the numbers. */
const sequenceDigits = 16

/**
 * Exports every event of a history as a CloudEvent 1.0 in structured mode, one per line. `source` and `id` together are
 * unique across all workspaces; `data` is the event as in the log.
 */
export const cloudEvents = (): HistoryExport => {
  let workspace = ''
  return {
    begin: '',
    take: event => {
      if (event.event === 'opened') ({ workspace } = event)
      return `${envelopeOf(event, workspace).slice(0, -1)},"data":${encodeEvent(event)}}\n`
    },
    end: () => '',
    leftOut: () => 0,
  }
}

const envelopeOf = (event: Event, workspace: string): string =>
  JSON.stringify({
    specversion: '1.0',
    id: `${workspace}/${event.seq}`,
    source: `/claimlog/${encodeURIComponent(workspace)}`,
    type: `claimlog.${nounOf(event)}.${event.event}`,
    subject: subjectOf(event),
    time: event.time,
    sequence: String(event.seq).padStart(sequenceDigits, '0'),
    datacontenttype: 'application/json',
  })

/** The type of the thing that an event changes. */
const nounOf = (event: Event): 'task' | 'kind' | 'workspace' => {
  if (isTaskEvent(event)) return 'task'
  switch (event.event) {
    case 'opened':
    case 'repaired':
      return 'workspace'
    case 'paused':
    case 'resumed':
    case 'limited':
      return 'kind'
  }
}

const subjectOf = (event: Event): string | undefined =>
  event.event === 'paused' || event.event === 'resumed' || event.event === 'limited' ? event.kind : eventTaskId(event)
