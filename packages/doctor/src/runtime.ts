import { findNativeLockProblem } from '@claimlog/event-log-file'
import { type Finding, findingOf, type Flaw } from './check.ts'

/** The oldest supported major version of Node. */
const oldestNode = 20

/** Checks the Node version and the native module for locks. */
export const checkRuntime = async (): Promise<Finding> => {
  const { node } = process.versions
  const problem = await findNativeLockProblem()
  const flaws: Array<Flaw> = []
  if (Number.parseInt(node, 10) < oldestNode)
    flaws.push({
      state: 'wrong',
      message: `this is Node ${node}, and claimlog needs Node ${oldestNode} or later`,
      mend: `install Node ${oldestNode} or later`,
    })
  if (problem !== undefined)
    flaws.push({
      state: 'wrong',
      message: `fs-ext, which takes the locks, does not load: ${problem}`,
      mend: 'rebuild it for this Node with npm rebuild fs-ext, or npm rebuild -g --allow-scripts=fs-ext fs-ext if it is installed globally; without it nothing can be written',
    })
  return { ...findingOf(`Node ${node}; fs-ext is loaded for locks`, flaws), node }
}
