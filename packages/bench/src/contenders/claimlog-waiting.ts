import { claimWhenReady, type Workspace } from '@claimlog/workspace'
import { benchKind, openBenchWorkspace, rightOf } from '../workspaces/bench-workspace.ts'
import { nowMs } from '../measure/measuring.ts'
import type { OpenWaitingContender, Taken } from './waiting-contender.ts'

/** claimlog through its library, as a worker that runs for long waits for work. It polls nothing. */
export const openClaimlogWaiting: OpenWaitingContender = async (dir, worker) => {
  const { workspace } = await openBenchWorkspace(dir, 'disk')
  rightOf(await workspace.read(state => state.seq)())
  let taken: Array<Taken> = []

  const takeOne = async (): Promise<void> => {
    let wokeMs: number | undefined
    const watched = tellingOfWakes(workspace, () => (wokeMs = nowMs()))
    const claimed = await claimWhenReady(watched, { command: 'claim', worker, kinds: [benchKind] }, {})()
    const heldMs = nowMs()
    const [first] = rightOf(claimed).tasks
    if (first === undefined) throw new Error('a claim was answered without a task')
    taken.push({ n: Number(first.task.id), wokeMs, heldMs })
    const { task, claim } = first
    rightOf(await workspace.run({ command: 'complete', worker, taskId: task.id, token: claim?.token })())
  }

  return {
    add: async n => {
      const fromMs = nowMs()
      rightOf(await workspace.run({ command: 'add', tasks: [{ taskId: String(n), kind: benchKind }] })())
      return { fromMs, answeredMs: nowMs() }
    },
    wait: () => {
      void (async () => {
        for (;;) await takeOne()
      })()
    },
    taken: () => {
      const sofar = taken
      taken = []
      return sofar
    },
  }
}

/** The same workspace, whose watches tell each time that they have woken somebody. */
const tellingOfWakes = (workspace: Workspace, woken: () => void): Workspace => ({
  ...workspace,
  watch: () => {
    const { next, close } = workspace.watch()
    return { next: signal => next(signal).then(woken), close }
  },
})
