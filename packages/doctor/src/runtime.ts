import { findNativeLockProblem } from '@claimlog/event-log-file'
import { type Finding, combineIssues, type Issue } from './finding.ts'

/** The oldest supported major version of Node. */
const nodeVersionMin = 20

/** Checks the Node version and the native module for locks. */
export const checkRuntime = async (): Promise<Finding> => {
  const { node } = process.versions
  const problem = await findNativeLockProblem()
  const issues: Array<Issue> = []
  if (Number.parseInt(node, 10) < nodeVersionMin)
    issues.push({
      state: 'wrong',
      message: `this is Node ${node}, and claimlog needs Node ${nodeVersionMin} or later`,
      mend: `install Node ${nodeVersionMin} or later`,
    })
  if (problem !== undefined)
    issues.push({
      state: 'wrong',
      message: `fs-ext, which takes the locks, does not load: ${problem}`,
      mend: 'run npm rebuild fs-ext, or npm rebuild -g --allow-scripts=fs-ext fs-ext if it is installed globally; without it nothing can be written',
    })
  return { ...combineIssues(`Node ${node}; fs-ext is loaded for locks`, issues), node }
}
