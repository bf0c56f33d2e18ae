import * as E from 'fp-ts/lib/Either.js'
import { pause, type Workspace } from '@claimlog/coordinator/workspace'
import { taskIdOf } from '@claimlog/domain'
import { statusUri, taskUri } from './uris.ts'

/** While others append one event after the other, updates are told so often. */
const pauseMs = 250

/**
 * Tells by `tell` which resources have changed, whenever the log has grown, until `signal` aborts or it cannot be read any
 * more: who then reads the status again is told why.
 */
export const tellUpdates = async (
  workspace: Workspace,
  tell: (uri: string) => void,
  signal: AbortSignal,
): Promise<void> => {
  const now = await workspace.glance(({ seq }) => seq)()
  if (E.isLeft(now)) return
  for await (const batch of workspace.follow(now.right, signal)) {
    if (E.isLeft(batch)) return tell(statusUri)
    const changed = new Set([statusUri])
    for (const event of batch.right) {
      const taskId = taskIdOf(event)
      if (taskId !== undefined) changed.add(taskUri(taskId))
    }
    for (const uri of changed) tell(uri)
    await pause(pauseMs, signal)
  }
}
