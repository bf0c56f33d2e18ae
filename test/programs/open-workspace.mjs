// Opens the workspace in a directory, or of a log on a server by its URL, with the packages, as a Node program does.
import { openWorkspace } from '@claimlog/workspace'
import { decodeEvent, encodeEvent } from '@claimlog/domain'
import { openFileLog } from '@claimlog/event-log-file'

const codec = { encode: encodeEvent, decode: decodeEvent }

const openLog = async address => {
  if (!address.startsWith('postgres:')) return openFileLog({ dir: address, codec })()
  const { openPostgresLog, parsePostgresUrl } = await import('../../packages/event-log-postgres/dist/index.js')
  return openPostgresLog({ location: parsePostgresUrl(address, {}).right, codec })()
}

/** @param address a directory or a URL */
export const open = async address => {
  const opened = await openLog(address)
  if (opened._tag === 'Left') throw new Error(JSON.stringify(opened.left))
  return openWorkspace({ log: opened.right })
}
