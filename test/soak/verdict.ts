import type { Journal } from './journals.ts'
import type { ClaimLife, TaskLife, TaskLives } from './task-lives.ts'
import { type Deed, deeds } from './tasks.ts'

/** The problems with the tasks and their runs, in words. */
export const problemsOf = (
  { tasks, contradictions }: Pick<TaskLives, 'tasks' | 'contradictions'>,
  journals: ReadonlyMap<number, Journal>,
): ReadonlyArray<string> => {
  const keys = new Set([...tasks.values()].map(({ key }) => key))
  const lives = [...tasks.values()]
  return [
    ...contradictions,
    ...lives.flatMap(task => problemsOfTask(task).map(problem => `${task.id} (${task.does}) ${problem}`)),
    ...lives.flatMap(task => task.claims.flatMap(claim => problemsOfSuccess(task, claim, journals.get(claim.token)))),
    ...lives
      .filter(({ id, does, standing }) => does === 'add' && standing === 'done' && !keys.has(`after-${id}`))
      .map(({ id }) => `${id} is done, but the task that it adds is missing`),
    ...[...journals.values()].flatMap(journal => problemsOfJournal(journal, tasks)),
  ]
}

const problemsOfTask = (task: TaskLife): ReadonlyArray<string> => {
  const deed: Deed | undefined = deeds[task.does as keyof typeof deeds]
  if (deed === undefined) return ['does something unknown']
  return [
    ...problemsOfStanding(task, deed),
    ...problemsOfAttempts(task),
    ...task.claims.flatMap(claim => problemsOfClaim(claim, deed)),
  ]
}

/** A task that should succeed may fail only if enough of its attempts expired. */
const problemsOfStanding = ({ standing, claims, maxAttempts }: TaskLife, deed: Deed): ReadonlyArray<string> => {
  if (standing === 'open') return ['was never finished']
  if (standing === deed.end && (standing === 'done' || claims.at(-1)?.ended === 'failed')) return []
  const counted = claims.filter(({ ended }) => ended !== 'released')
  const lapsed = counted.filter(({ ended }) => ended === 'lapsed').length
  const mayFail = deed.end === 'failed' ? 1 : maxAttempts - (deed.error === undefined ? 0 : 1)
  if (standing === 'failed' && counted.length === maxAttempts && lapsed >= mayFail) return []
  return [`is ${standing} after ${counted.length} of ${maxAttempts} attempts, ${lapsed} of which expired`]
}

const problemsOfAttempts = ({ claims, maxAttempts }: TaskLife): ReadonlyArray<string> => {
  let next = 1
  const problems: Array<string> = []
  for (const { token, attempt, ended } of claims) {
    if (attempt !== next || attempt > maxAttempts)
      problems.push(`had attempt ${attempt} of ${maxAttempts} under token ${token}, but ${next} was expected`)
    next = ended === 'released' ? attempt : attempt + 1
  }
  return problems
}

const problemsOfClaim = ({ token, ended, by }: ClaimLife, deed: Deed): ReadonlyArray<string> => {
  const { error = '', reason = '' } = by ?? {}
  if (ended === 'failed' && deed.error?.test(error) !== true) return [`failed under token ${token} with: ${error}`]
  if (ended === 'released' && ![deed.reason, 'the worker was stopped'].includes(reason))
    return [`was released under token ${token} because: ${reason}`]
  return []
}

/** A completed task ran to its end once, under the token of the completion, and the result is from that run. */
const problemsOfSuccess = (task: TaskLife, claim: ClaimLife, journal: Journal | undefined): ReadonlyArray<string> => {
  if (claim.ended !== 'completed') return []
  const about = `${task.id} (${task.does}) was completed under token ${claim.token},`
  const problems: Array<string> = []
  if (journal?.ended.join() !== task.id) problems.push(`${about} but no run under it ended regularly`)
  if (task.does === 'write' && claim.by?.result?.token !== claim.token)
    problems.push(`${about} with the result ${JSON.stringify(claim.by?.result)}`)
  if (task.does === 'renew' && claim.progress === undefined)
    problems.push(`${about} but its progress is not in the log`)
  return problems
}

const problemsOfJournal = (journal: Journal, tasks: ReadonlyMap<string, TaskLife>): ReadonlyArray<string> => {
  const { token, begun, ended } = journal
  const [first] = begun
  if (begun.length !== 1 || first === undefined) return [`under token ${token} there were ${begun.length} runs`]
  const claim = tasks.get(first.taskId)?.claims.find(each => each.token === token)
  if (claim?.attempt !== first.attempt || first.token !== token)
    return [`a run under token ${token} was of ${first.taskId}, attempt ${first.attempt}, without such a claim`]
  return ended.some(id => id !== first.taskId) ? [`the run under token ${token} ended with the id of another task`] : []
}
