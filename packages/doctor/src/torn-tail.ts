import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { logFileName, realDisk, realTimers, type Scan, tornFileName } from '@claimlog/event-log-file'
import { counted } from '@claimlog/messages'
import { type Finding, findingOf } from './check.ts'

/** Much longer than a writer takes for one line. */
const lookAgainMs = 100

/** Checks for a torn tail, and reports the bytes and lines that were moved out of the log before. */
export const checkTornTail = async (dir: string, { unfinishedBytes }: Scan): Promise<Finding> => {
  const aside = asideOf(dir)
  const known = { ...aside, unfinished_bytes: unfinishedBytes }
  if (unfinishedBytes === 0 || (await isWrittenNow(join(dir, logFileName))))
    return { ...findingOf(`the log ends with a complete line${asideWords(aside)}`, []), ...known, unfinished_bytes: 0 }
  return {
    state: 'warning',
    message: `a writer stopped in the middle of a line: the last ${counted(unfinishedBytes, 'byte')} are no event${asideWords(aside)}`,
    mend: `no action needed: the next writer moves them to ${tornFileName}`,
    ...known,
  }
}

type Aside = { readonly torn_bytes?: number; readonly quarantined?: ReadonlyArray<string> }

const asideOf = (dir: string): Aside => {
  const torn = lstatSync(join(dir, tornFileName), { throwIfNoEntry: false })
  const quarantined = readdirSync(dir).filter(name => name.startsWith('events.quarantine.'))
  return {
    ...(torn === undefined ? {} : { torn_bytes: torn.size }),
    ...(quarantined.length === 0 ? {} : { quarantined: quarantined.sort() }),
  }
}

const mostNames = 5

const asideWords = ({ torn_bytes: bytes, quarantined = [] }: Aside): string => {
  const torn = bytes === undefined ? '' : `; ${tornFileName} has ${counted(bytes, 'byte')} from earlier torn tails`
  if (quarantined.length === 0) return torn
  const more = quarantined.length > mostNames ? ' …' : ''
  return `${torn}; removed by repairs: ${quarantined.slice(0, mostNames).join(', ')}${more}`
}

const sealBytes = 64
/** Matches the end of the last line of a decision. Any other line is followed by another line of the same decision. */
const endOfDecision = /(?<!,"more":true),"hash":"[0-9a-f]{32}"\}\n$/

/**
 * True if the bytes after the last complete line were a write in progress: the line is complete now, or the file grew.
 */
const isWrittenNow = async (path: string): Promise<boolean> => {
  const fd = realDisk.open(path, 'read')
  try {
    const before = realDisk.fstat(fd).size
    await realTimers.sleep(lookAgainMs)
    const { size } = realDisk.fstat(fd)
    if (size !== before) return true
    const end = Buffer.alloc(sealBytes)
    const read = realDisk.read(fd, end, 0, sealBytes, Math.max(0, size - sealBytes))
    return endOfDecision.test(end.toString('latin1', 0, read))
  } finally {
    realDisk.close(fd)
  }
}
