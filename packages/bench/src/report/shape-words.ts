import type { Shape } from '../workspaces/big-workspaces.ts'
import { plain } from './words.ts'

/** The measured sizes, in tasks. */
export const sizesOf = (quick: boolean): ReadonlyArray<number> => (quick ? [1000, 100_000] : [1000, 100_000, 1_000_000])

/** Describes a workspace: `100,000 ready`. */
export const shapeWords = (shape: Shape): string => {
  switch (shape.of) {
    case 'ready':
      return `${plain(shape.tasks)} ready`
    case 'done':
      return `${plain(shape.tasks)}, nearly all done`
    case 'in front':
      return `${plain(shape.tasks)} ready behind ${plain(shape.front)} of another kind`
    case 'events':
      return `${plain(shape.events)} events`
  }
}
