import { runHistory } from './history.ts'

const printLine = (line: string): boolean => process.stdout.write(`${line}\n`)

/**
 * Runs `histories` histories, with seeds from `first` in steps of `step`, and prints intermediate results as lines of
 * JSON. With `trace` instead of a number, runs one history and prints every step.
 */
const main = async ([first = '1', histories = '1', step = '1']: ReadonlyArray<string>): Promise<void> => {
  if (histories === 'trace') {
    const result = await runHistory(Number(first), { note: line => printLine(line()) })
    printLine(JSON.stringify(result))
    process.exitCode = result.problems.length > 0 ? 1 : 0
    return
  }
  const sums = { done: 0, answers: 0, powerCuts: 0, repairs: 0 }
  while (sums.done < Number(histories)) {
    const seed = Number(first) + sums.done * Number(step)
    const { problems, answers, powerCuts, repairs } = await runHistory(seed)
    sums.done += 1
    sums.answers += answers
    sums.powerCuts += powerCuts
    sums.repairs += repairs
    if (problems.length > 0 || sums.done % 100 === 0 || sums.done === Number(histories))
      printLine(JSON.stringify({ seed, problems, ...sums }))
  }
}

await main(process.argv.slice(2))
