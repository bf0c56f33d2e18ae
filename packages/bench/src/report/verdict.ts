import type { Figure, Section } from './figure.ts'
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

const isMet = ({ is }: Target, measured: number, wanted: number): boolean =>
  is === 'at least' ? measured >= wanted : measured <= wanted

const judge = (target: Target, measured: number): Pick<Verdict, 'outcome' | 'missedBy'> => {
  const missed = ([target.mark, target.aim] as const).find(
    wanted => wanted !== undefined && !isMet(target, measured, wanted),
  )
  if (missed === undefined) return { outcome: target.aim === undefined ? 'threshold met' : 'goal met' }
  return {
    outcome: missed === target.mark || target.mark === undefined ? 'missed' : 'threshold met',
    missedBy: Math.abs(measured - missed) / missed,
  }
}

/** Judges each target by its figure, in the order of the targets. */
export const verdictsOn = (sections: ReadonlyArray<Section>): ReadonlyArray<Verdict> => {
  const figures = sections.flatMap(section => section.figures)
  return (Object.entries(targets) as ReadonlyArray<[TargetName, Target]>).map(([name, target]) => {
    const figure = figures.find(one => one.targets?.includes(name))
    const measured = target.of === 'ratio' ? figure?.ratio : figure?.amount.value
    return measured === undefined || Number.isNaN(measured)
      ? { name, ...target, outcome: 'not measured' }
      : { name, ...target, figure, measured, ...judge(target, measured) }
  })
}
