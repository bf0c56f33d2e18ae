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

const isMet = ({ bound }: Target, measured: number, limit: number): boolean =>
  bound === 'at least' ? measured >= limit : measured <= limit

const judge = (target: Target, measured: number): Pick<Verdict, 'outcome' | 'missedBy'> => {
  const missedLimit = ([target.threshold, target.goal] as const).find(
    limit => limit !== undefined && !isMet(target, measured, limit),
  )
  if (missedLimit === undefined) return { outcome: target.goal === undefined ? 'threshold met' : 'goal met' }
  return {
    outcome: missedLimit === target.threshold || target.threshold === undefined ? 'missed' : 'threshold met',
    missedBy: Math.abs(measured - missedLimit) / missedLimit,
  }
}

/** Judges each target by its figure, in the order of the targets. */
export const judgeSections = (sections: ReadonlyArray<ReportSection>): ReadonlyArray<Verdict> => {
  const figures = sections.flatMap(section => section.figures)
  return (Object.entries(targets) as ReadonlyArray<[TargetName, Target]>).map(([name, target]) => {
    const figure = figures.find(candidate => candidate.targets?.includes(name))
    const measured = target.measure === 'ratio' ? figure?.ratio : figure?.amount.value
    return measured === undefined || Number.isNaN(measured)
      ? { name, ...target, outcome: 'not measured' }
      : { name, ...target, figure, measured, ...judge(target, measured) }
  })
}
