// Opens the workspace in a directory with the packages, as a Node program does.
import { openWorkspace } from '@claimlog/workspace'
import { decodeEvent, encodeEvent } from '@claimlog/domain'
import { openFileLog } from '@claimlog/event-log-file'

export const open = async dir => {
  const opened = await openFileLog({ dir, codec: { encode: encodeEvent, decode: decodeEvent } })()
  if (opened._tag === 'Left') throw new Error(JSON.stringify(opened.left))
  return openWorkspace({ log: opened.right })
}
