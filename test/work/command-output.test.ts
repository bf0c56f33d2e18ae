import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { chooseCount } from '../support/machine/select-cases.ts'
import { run, temporaryDirectory } from '../support/claimlog-process.ts'
import { claimedTask, createHandler, runScript } from './work-handler.ts'
import { handlerBundle } from './work-process.ts'

const program = fileURLToPath(new URL('../programs/run-commands.mjs', import.meta.url))

/** Far above the memory of Node itself, and far below the size of the output. */
const peakKibMax = 200 * 1024

/** A test that takes this long hangs. */
const timeoutMs = 600_000

type Cost = {
  readonly lines: number
  readonly longest: number
  readonly outcomes: Readonly<Record<string, number>>
  readonly warnings: ReadonlyArray<string>
  readonly openedFiles: number
  readonly keptAlive: ReadonlyArray<string>
  readonly peakKib: number
}

/** The cost of running a command in a separate process; see programs/run-commands.mjs. */
const measureCost = async (...words: ReadonlyArray<string>): Promise<Cost> => {
  const bundle = await handlerBundle()
  const result = await run(process.execPath, [program, bundle, ...words], { cwd: temporaryDirectory() })
  expect(result).toMatchObject({ status: 0, stderr: '' })
  return JSON.parse(result.stdout) as Cost
}

describe('the output of a command', () => {
  it('arrives line by line while it is printed', async () => {
    let resolveFirst = (_: string): void => undefined
    const firstLine = new Promise<string>(resolve => (resolveFirst = resolve))
    const script = 'echo first; while [ ! -e "$0" ]; do sleep 0.02; done; printf last >&2'
    const go = `${temporaryDirectory()}/go`
    const lines: Array<string> = []
    const { handle } = createHandler(['/bin/sh', '-c', script, go], {
      onLine: (_, stream, line) => {
        lines.push(`${stream}: ${line}`)
        resolveFirst(line)
      },
    })
    const ended = handle(claimedTask())
    expect(await firstLine).toBe('first')
    await run('touch', [go], { cwd: '/' })
    await ended
    expect(lines).toEqual(['stdout: first', 'stderr: last'])
  })

  it('includes what is written to /dev/stdout and /dev/stderr', async () => {
    const { stdout, stderr } = await runScript('echo out > /dev/stdout; echo err | tee -a /dev/stderr')
    expect({ stdout, stderr }).toEqual({ stdout: ['out', 'err'], stderr: ['err'] })
  })

  it('does not block other work, even if its lines are consumed slowly', async () => {
    let [lineCount, turnBytes, turnBytesMax, isFinished] = [0, 0, 0, false]
    const turn = (): void => {
      turnBytesMax = Math.max(turnBytesMax, turnBytes)
      turnBytes = 0
      if (!isFinished) setImmediate(turn)
    }
    const { handle } = createHandler(['/bin/sh', '-c', 'yes "a line of the output of a build" | head -n 100000'], {
      onLine: (_, __, line) => {
        const until = process.hrtime.bigint() + 10_000n
        while (process.hrtime.bigint() < until);
        lineCount += 1
        turnBytes += line.length
      },
    })
    turn()
    await handle(claimedTask())
    isFinished = true
    expect(lineCount).toBe(100_000)
    // Nothing is read while lines are consumed, except for the bytes that the system delivers at once.
    expect(turnBytesMax).toBeLessThan(300_000)
  })

  it('is complete if the command ends before its output was read', async () => {
    const { stdout } = await runScript('i=0; while [ $i -lt 8000 ]; do echo "line $i"; i=$((i + 1)); done')
    expect(stdout).toEqual(Array.from({ length: 8000 }, (_, i) => `line ${i}`))
  })

  it('waits for its consumer: nothing more is read meanwhile, and nothing is lost', async () => {
    let [pending, pendingMax, lineCount] = [0, 0, 0]
    const { handle } = createHandler(['/bin/sh', '-c', 'yes | head -n 2000; exit 4'], {
      onLine: async () => {
        pending += 1
        pendingMax = Math.max(pendingMax, pending)
        await new Promise(resolve => setImmediate(resolve))
        pending -= 1
        lineCount += 1
      },
    })
    expect(await handle(claimedTask())).toEqual({ outcome: 'failed', error: 'exit 4' })
    expect({ pendingMax, lineCount }).toEqual({ pendingMax: 1, lineCount: 2000 })
  })

  it('is complete for a consumer that is slower than the timeout for reading', async () => {
    const lines: Array<string> = []
    const { handle } = createHandler(['printf', 'a\\nb\\nc\\n'], {
      onLine: async (_, __, line) => {
        await new Promise(resolve => setTimeout(resolve, 400))
        lines.push(line)
      },
    })
    expect(await handle(claimedTask())).toEqual({ outcome: 'completed' })
    expect(lines).toEqual(['a', 'b', 'c'])
  })

  it('does not stop the command if its consumer throws; the handler reports the error at the end', async () => {
    const { handle } = createHandler(['/bin/sh', '-c', 'yes | head -n 100000'], {
      onLine: () => {
        throw new Error('no reader')
      },
    })
    expect(await handle(claimedTask())).toMatchObject({ outcome: 'worker_failed', failure: { detail: 'no reader' } })
  })

  it.each([
    ['one line of 500 MB', 'head -c 500000000 /dev/zero | tr "\\0" x', { lines: 61_036, longest: 8192 }],
    ['5 million short lines', 'yes | head -n 5000000', { lines: 5_000_000, longest: 1 }],
    [
      '200 MB of a progress bar',
      'yes "$(printf "50%%\\r")" | tr -d "\\n" | head -c 200000000',
      { lines: 1, longest: 3 },
    ],
    ['20 MB on stderr', 'yes ä | head -c 20000000 >&2; exit 3', { outcomes: { failed: 1 } }],
  ])('takes no memory: %s', { timeout: timeoutMs }, async (_, script, expected) => {
    const cost = await measureCost('1', '1', 'lines', '/bin/sh', '-c', script)
    expect(cost).toMatchObject(expected)
    expect(cost.peakKib).toBeLessThan(peakKibMax)
  })

  it('takes no memory if its lines are not consumed', { timeout: timeoutMs }, async () => {
    const cost = await measureCost('1', '1', 'plain', '/bin/sh', '-c', 'head -c 300000000 /dev/zero | tee /dev/stderr')
    expect(cost).toMatchObject({ lines: 0, outcomes: { completed: 1 } })
    expect(cost.peakKib).toBeLessThan(peakKibMax)
  })
})

const manyCommands = chooseCount(2000, 500)

describe(`${manyCommands} commands`, () => {
  it('leave no file open, no timer, no listener and no process behind', { timeout: timeoutMs }, async () => {
    const cost = await measureCost(String(manyCommands), '20', 'plain', 'true')
    expect(cost).toMatchObject({ outcomes: { completed: manyCommands }, warnings: [], keptAlive: [] })
    // A few pipes are open in advance for the next commands.
    expect(cost.openedFiles).toBeLessThan(16)
    expect(cost.peakKib).toBeLessThan(peakKibMax)
  })
})
