import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { logFileName, realDisk, realTimers, type Scan, tornFileName } from '@claimlog/event-log-file'
import { pluralize } from '@claimlog/messages'
import { type Finding, combineIssues } from './finding.ts'

/** Much longer than a writer takes for one line. */
const recheckDelayMs = 100

/** Checks for a torn tail, and reports the bytes and lines that were moved out of the log before. */
export const checkTornTail = async (dir: string, { unfinishedBytes }: Scan): Promise<Finding> => {
  const removed = findRemovedParts(dir)
  const details = { ...removed, unfinished_bytes: unfinishedBytes }
  if (unfinishedBytes === 0 || (await isBeingWritten(join(dir, logFileName))))
    return {
      ...combineIssues(`the log ends with a complete line${formatRemovedParts(removed)}`, []),
      ...details,
      unfinishedBytes: 0,
    }
  return {
    state: 'warning',
    message: `a writer stopped in the middle of a line: the incomplete last line (${pluralize(unfinishedBytes, 'byte')}) is not an event${formatRemovedParts(removed)}`,
    mend: `no action needed: the next writer moves it to ${tornFileName}`,
    ...details,
  }
}

type RemovedParts = { readonly torn_bytes?: number; readonly quarantined?: ReadonlyArray<string> }

const findRemovedParts = (dir: string): RemovedParts => {
  const torn = lstatSync(join(dir, tornFileName), { throwIfNoEntry: false })
  const quarantined = readdirSync(dir).filter(name => name.startsWith('events.quarantine.'))
  return {
    ...(torn === undefined ? {} : { torn_bytes: torn.size }),
    ...(quarantined.length === 0 ? {} : { quarantined: quarantined.sort() }),
  }
}

const namesShownMax = 5

const formatRemovedParts = ({ torn_bytes: bytes, quarantined = [] }: RemovedParts): string => {
  const torn = bytes === undefined ? '' : `; ${tornFileName} has ${pluralize(bytes, 'byte')} from earlier torn tails`
  if (quarantined.length === 0) return torn
  const more = quarantined.length > namesShownMax ? ' …' : ''
  return `${torn}; removed by repairs: ${quarantined.slice(0, namesShownMax).join(', ')}${more}`
}

const lineEndBytes = 64
/** Matches the end of the last line of a decision. Any other line is followed by another line of the same decision. */
const decisionEndPattern = /(?<!,"more":true),"hash":"[0-9a-f]{32}"\}\n$/

/**
 * True if the bytes after the last complete line were a write in progress: the line is complete now, or the file grew.
 */
const isBeingWritten = async (path: string): Promise<boolean> => {
  const fd = realDisk.open(path, 'read')
  try {
    const before = realDisk.fstat(fd).size
    await realTimers.sleep(recheckDelayMs)
    const { size } = realDisk.fstat(fd)
    if (size !== before) return true
    const end = Buffer.alloc(lineEndBytes)
    const read = realDisk.read(fd, end, 0, lineEndBytes, Math.max(0, size - lineEndBytes))
    return decisionEndPattern.test(end.toString('latin1', 0, read))
  } finally {
    realDisk.close(fd)
  }
}
