import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

/** The parsed arguments of the benchmark. */
export type BenchArguments = {
  readonly quick: boolean
  readonly only: ReadonlyArray<string>
  readonly write?: string
  readonly dir: string
  readonly help: boolean
}

export const helpText = (names: ReadonlyArray<string>): string => `npm run bench -- --quick --only cycles

  --quick       a run of two minutes, to try the benchmark; a full run takes less than half an hour
  --only NAME   run only this scenario; postgres stands for all of postgres-…, which run only if named; can be repeated:
                ${names.join(', ')}
  --write BASE  write the report to BASE.md and BASE.json, and cost-against-size.svg next to them
  --dir DIR     measure on the file system of DIR (default: the temporary directory); needs 4 GB
`

/** Parses `words`; `--only` takes one of `names`. Returns the reason as text if they are invalid. */
export const readArguments = (words: ReadonlyArray<string>, names: ReadonlyArray<string>): BenchArguments | string => {
  try {
    const { values } = parseArgs({
      // A package manager passes the `--` on to the script.
      args: words.filter(word => word !== '--'),
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        write: { type: 'string' },
        dir: { type: 'string', default: tmpdir() },
        help: { type: 'boolean', default: false },
      },
    })
    const selected = names.filter(name => values.only.some(only => name === only || name.startsWith(`${only}-`)))
    const unknown = values.only.find(only => !selected.some(name => name === only || name.startsWith(`${only}-`)))
    return unknown === undefined
      ? { ...values, only: selected }
      : `unknown scenario ${JSON.stringify(unknown)}; choose from ${names.join(', ')}`
  } catch (thrown) {
    return (thrown as Error).message
  }
}
