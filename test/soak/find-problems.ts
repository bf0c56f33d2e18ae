import type { Journal } from './journals.ts'
import type { ClaimHistory, TaskHistory, TaskHistories } from './task-histories.ts'
import { type ExpectedEnd, expectedEnds } from './tasks.ts'

/** The problems with the tasks and their runs, in words. */
export const findProblems = (
  { tasks, contradictions }: Pick<TaskHistories, 'tasks' | 'contradictions'>,
  journals: ReadonlyMap<number, Journal>,
): ReadonlyArray<string> => {
  const keys = new Set([...tasks.values()].map(({ key }) => key))
  const histories = [...tasks.values()]
  return [
    ...contradictions,
    ...histories.flatMap(task => checkTask(task).map(problem => `${task.id} (${task.does}) ${problem}`)),
    ...histories.flatMap(task => task.claims.flatMap(claim => checkCompletion(task, claim, journals.get(claim.token)))),
    ...histories
      .filter(({ id, does, status }) => does === 'add' && status === 'done' && !keys.has(`after-${id}`))
      .map(({ id }) => `${id} is done, but the task that it adds is missing`),
    ...[...journals.values()].flatMap(journal => checkJournal(journal, tasks)),
  ]
}

const checkTask = (task: TaskHistory): ReadonlyArray<string> => {
  const expected: ExpectedEnd | undefined = expectedEnds[task.does as keyof typeof expectedEnds]
  if (expected === undefined) return ['does something unknown']
  return [
    ...checkStatus(task, expected),
    ...checkAttempts(task),
    ...task.claims.flatMap(claim => checkClaim(claim, expected)),
  ]
}

/** A task that should succeed may fail only if enough of its attempts expired. */
const checkStatus = ({ status, claims, maxAttempts }: TaskHistory, expected: ExpectedEnd): ReadonlyArray<string> => {
  if (status === 'open') return ['was never finished']
  if (status === expected.end && (status === 'done' || claims.at(-1)?.ended === 'failed')) return []
  const countedClaims = claims.filter(({ ended }) => ended !== 'released')
  const expiredCount = countedClaims.filter(({ ended }) => ended === 'expired').length
  const expiredMin = expected.end === 'failed' ? 1 : maxAttempts - (expected.error === undefined ? 0 : 1)
  if (status === 'failed' && countedClaims.length === maxAttempts && expiredCount >= expiredMin) return []
  return [`is ${status} after ${countedClaims.length} of ${maxAttempts} attempts, ${expiredCount} of which expired`]
}

const checkAttempts = ({ claims, maxAttempts }: TaskHistory): ReadonlyArray<string> => {
  let expectedAttempt = 1
  const problems: Array<string> = []
  for (const { token, attempt, ended } of claims) {
    if (attempt !== expectedAttempt || attempt > maxAttempts)
      problems.push(
        `had attempt ${attempt} of ${maxAttempts} under token ${token}, but ${expectedAttempt} was expected`,
      )
    expectedAttempt = ended === 'released' ? attempt : attempt + 1
  }
  return problems
}

const checkClaim = ({ token, ended, endLine }: ClaimHistory, expected: ExpectedEnd): ReadonlyArray<string> => {
  const { error = '', reason = '' } = endLine ?? {}
  if (ended === 'failed' && expected.error?.test(error) !== true) return [`failed under token ${token} with: ${error}`]
  if (ended === 'released' && ![expected.reason, 'the worker was stopped'].includes(reason))
    return [`was released under token ${token} because: ${reason}`]
  return []
}

/** A completed task ran to its end once, under the token of the completion, and the result is from that run. */
const checkCompletion = (
  task: TaskHistory,
  claim: ClaimHistory,
  journal: Journal | undefined,
): ReadonlyArray<string> => {
  if (claim.ended !== 'completed') return []
  const prefix = `${task.id} (${task.does}) was completed under token ${claim.token},`
  const problems: Array<string> = []
  if (journal?.endedTaskIds.join() !== task.id) problems.push(`${prefix} but no run under it ended regularly`)
  if (task.does === 'write' && claim.endLine?.result?.token !== claim.token)
    problems.push(`${prefix} with the result ${JSON.stringify(claim.endLine?.result)}`)
  if (task.does === 'renew' && claim.progress === undefined)
    problems.push(`${prefix} but its progress is not in the log`)
  return problems
}

const checkJournal = (journal: Journal, tasks: ReadonlyMap<string, TaskHistory>): ReadonlyArray<string> => {
  const { token, starts, endedTaskIds } = journal
  const [first] = starts
  if (starts.length !== 1 || first === undefined) return [`under token ${token} there were ${starts.length} runs`]
  const claim = tasks.get(first.taskId)?.claims.find(each => each.token === token)
  if (claim?.attempt !== first.attempt || first.token !== token)
    return [`a run under token ${token} was of ${first.taskId}, attempt ${first.attempt}, without such a claim`]
  return endedTaskIds.some(id => id !== first.taskId)
    ? [`the run under token ${token} ended with the id of another task`]
    : []
}
