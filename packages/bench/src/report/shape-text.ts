import type { WorkspaceShape } from '../workspaces/large-workspaces.ts'
import { formatNumber } from './format-values.ts'

/** The measured sizes, in tasks. */
export const listSizes = (quick: boolean): ReadonlyArray<number> =>
  quick ? [1000, 100_000] : [1000, 100_000, 1_000_000]

/** Describes a workspace: `100,000 ready`. */
export const describeShape = (shape: WorkspaceShape): string => {
  switch (shape.type) {
    case 'ready':
      return `${formatNumber(shape.tasks)} ready`
    case 'done':
      return `${formatNumber(shape.tasks)}, nearly all done`
    case 'in front':
      return `${formatNumber(shape.tasks)} ready behind ${formatNumber(shape.front)} of another kind`
    case 'events':
      return `${formatNumber(shape.events)} events`
  }
}
