/** What is to be done once the command has answered, and does not concern whoever asked. */
const waiting: Array<() => Promise<void>> = []

/** Has `work` done after the answer was printed, once however often it is asked for. */
export const afterTheAnswer = (work: () => Promise<void>): void => {
  if (!waiting.includes(work)) waiting.push(work)
}

/** Does what was left for after the answer. */
export const doWhatWasLeft = async (): Promise<void> => {
  for (const work of waiting.splice(0)) await work()
}
