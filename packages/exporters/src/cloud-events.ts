import { encodeEvent, type Event, isTaskEvent, taskIdOf } from '@claimlog/domain'
import type { HistoryExport } from './history-export.ts'

/** Room for every seq there can be, so that the texts sort as the numbers do. */
const sequenceDigits = 16

/**
 * Every event of a history as a CloudEvent 1.0 in structured mode, a line each. `source` and `id` together are unique among
 * all workspaces; `data` is the event as it stands in the log.
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

/** What an event is about. */
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
  event.event === 'paused' || event.event === 'resumed' || event.event === 'limited' ? event.kind : taskIdOf(event)
