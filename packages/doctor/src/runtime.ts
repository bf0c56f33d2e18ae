import { nativeLocksProblem } from '@claimlog/event-log-file'
import { type Finding, findingOf, type Flaw } from './check.ts'

/** The oldest Node that claimlog is made for. */
const oldestNode = 20

/** Whether claimlog can run here as it should. */
export const checkRuntime = async (): Promise<Finding> => {
  const { node } = process.versions
  const problem = await nativeLocksProblem()
  const flaws: Array<Flaw> = []
  if (Number.parseInt(node, 10) < oldestNode)
    flaws.push({
      state: 'wrong',
      message: `this is Node ${node}, and claimlog is made for ${oldestNode} and later`,
      mend: `install Node ${oldestNode} or later`,
    })
  if (problem !== undefined)
    flaws.push({
      state: 'wrong',
      message: `fs-ext, which takes the locks, does not load: ${problem}`,
      mend: 'npm rebuild fs-ext builds it for this Node, npm rebuild -g --allow-scripts=fs-ext fs-ext where it is for everybody; without it nothing can be written',
    })
  return { ...findingOf(`Node ${node}, and fs-ext takes the locks`, flaws), node }
}
