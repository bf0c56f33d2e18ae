import { findNativeLock } from '@claimlog/event-log-file'
import { nativeLockHint } from '@claimlog/messages'
import { type Finding, combineIssues, type Issue } from './finding.ts'

/** The oldest supported major version of Node. */
const nodeVersionMin = 20

/** Checks the Node version and the native code for locks. */
export const checkRuntime = async (): Promise<Finding> => {
  const { node } = process.versions
  const lock = await findNativeLock()
  const issues: Array<Issue> = []
  if (Number.parseInt(node, 10) < nodeVersionMin)
    issues.push({
      state: 'wrong',
      message: `this is Node ${node}, and claimlog needs Node ${nodeVersionMin} or later`,
      mend: `install Node ${nodeVersionMin} or later`,
    })
  if ('problem' in lock)
    issues.push({
      state: 'wrong',
      message: `nothing can be locked, and so nothing written: ${lock.problem}`,
      mend: nativeLockHint,
    })
  const loaded = 'package' in lock ? `; ${lock.package} is loaded for locks` : ''
  return { ...combineIssues(`Node ${node}${loaded}`, issues), node }
}
