import type { Figure, Section } from './figure.ts'
import { type Target, type TargetName, targets } from './targets.ts'

/** How a row of the table of targets came out. `measured` is in the unit of mark and aim; undefined: not measured. */
export type Verdict = Target & {
  readonly name: TargetName
  readonly measured?: number
  readonly figure?: Figure
  readonly outcome: 'not measured' | 'missed' | 'threshold met' | 'goal met'
  /** Share of the mark, or of the aim where that alone is missed, by which it is missed. */
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

/** A verdict on each row, in their order, from the figures that answer them. */
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
