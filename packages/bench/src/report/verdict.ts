import type { Figure, ReportSection } from './figure.ts'
import { type Target, type TargetName, targets } from './targets.ts'

/** A judged target. `measured` has the unit of threshold and goal; undefined: not measured. */
export type Verdict = Target & {
  readonly name: TargetName
  readonly measured?: number
  readonly figure?: Figure
  readonly outcome: 'not measured' | 'missed' | 'threshold met' | 'goal met'
  /** The share of the threshold by which it is missed, or of the goal if only the goal is missed. */
  readonly missedBy?: number
}

const isMet = ({ is }: Target, measured: number, bound: number): boolean =>
  is === 'at least' ? measured >= bound : measured <= bound

const judge = (target: Target, measured: number): Pick<Verdict, 'outcome' | 'missedBy'> => {
  const missedBound = ([target.mark, target.aim] as const).find(
    bound => bound !== undefined && !isMet(target, measured, bound),
  )
  if (missedBound === undefined) return { outcome: target.aim === undefined ? 'threshold met' : 'goal met' }
  return {
    outcome: missedBound === target.mark || target.mark === undefined ? 'missed' : 'threshold met',
    missedBy: Math.abs(measured - missedBound) / missedBound,
  }
}

/** Judges each target by its figure, in the order of the targets. */
export const judgeSections = (sections: ReadonlyArray<ReportSection>): ReadonlyArray<Verdict> => {
  const figures = sections.flatMap(section => section.figures)
  return (Object.entries(targets) as ReadonlyArray<[TargetName, Target]>).map(([name, target]) => {
    const figure = figures.find(candidate => candidate.targets?.includes(name))
    const measured = target.of === 'ratio' ? figure?.ratio : figure?.amount.value
    return measured === undefined || Number.isNaN(measured)
      ? { name, ...target, outcome: 'not measured' }
      : { name, ...target, figure, measured, ...judge(target, measured) }
  })
}
