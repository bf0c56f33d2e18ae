import { countTasks, findDeparture, toWallTime, type State, type Time } from '@claimlog/domain'
import type { StatusView } from '../documents/status.ts'
import { rulesDocument } from './rules.ts'
import { claimView } from './task.ts'

/** Summarizes the workspace at time `now`. */
export const statusView = (state: State, now: Time): StatusView => {
  const { workspace, clock } = state
  const departure = findDeparture(state)
  const { tasks, kinds, claims } = countTasks(state, now)
  return {
    workspace: workspace?.id ?? '',
    openedAt: toWallTime(workspace?.openedAt, clock) ?? '',
    seq: state.seq,
    time: toWallTime(state.time, clock),
    tasks,
    kinds: kinds.map(({ kind, rules, counts }) => ({ ...rulesDocument(kind, rules, clock), ...counts })),
    claims: claims.map(({ taskId, claim, lapsed }) => ({
      taskId,
      ...claimView(claim, clock),
      lapsed,
    })),
    moved: departure && {
      seq: departure.seq,
      time: toWallTime(departure.time, clock),
      target: departure.target,
      by: departure.by,
    },
  }
}
