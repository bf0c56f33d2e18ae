import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { logFileName, realDisk, realTimers, type Scan, tornFileName } from '@claimlog/event-log-file'
import { counted } from '@claimlog/messages'
import { type Finding, findingOf } from './check.ts'

/** A writer is done with a line long before. */
const lookAgainMs = 100

/** Whether a writer died in the middle of a line, and what was set aside when that happened before. */
export const checkTornTail = async (dir: string, { unfinishedBytes }: Scan): Promise<Finding> => {
  const aside = asideOf(dir)
  const known = { ...aside, unfinished_bytes: unfinishedBytes }
  if (unfinishedBytes === 0 || (await isWrittenNow(join(dir, logFileName))))
    return { ...findingOf(`the log ends in a whole line${asideWords(aside)}`, []), ...known, unfinished_bytes: 0 }
  return {
    state: 'warning',
    message: `a writer stopped in the middle: ${counted(unfinishedBytes, 'byte')} at the end are no event${asideWords(aside)}`,
    mend: `nothing needs to be done: the next writer sets them aside in ${tornFileName}`,
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
  const torn = bytes === undefined ? '' : `; ${tornFileName} keeps ${counted(bytes, 'byte')} of earlier ones`
  if (quarantined.length === 0) return torn
  const more = quarantined.length > mostNames ? ' …' : ''
  return `${torn}; set aside by repairs: ${quarantined.slice(0, mostNames).join(', ')}${more}`
}

const sealBytes = 64
/** How the last line of a decision ends. One that does not is followed by another of the same decision. */
const endOfDecision = /(?<!,"more":true),"hash":"[0-9a-f]{32}"\}\n$/

/** Whether what stood after the last line that was read was a line on its way: by now it is whole, or there are more. */
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
