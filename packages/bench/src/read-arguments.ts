import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

/** What the command line says; a text: why it cannot be understood. */
export type Arguments = {
  readonly quick: boolean
  readonly only: ReadonlyArray<string>
  readonly write?: string
  readonly dir: string
  readonly help: boolean
}

export const helpText = (names: ReadonlyArray<string>): string => `npm run bench -- --quick --only cycles

  --quick       a run of two minutes, for trying out; a full one takes less than half an hour
  --only NAME   this scenario; may be given more than once:
                ${names.join(', ')}
  --write BASE  write the report into BASE.md, BASE.json and, beside them, cost-against-size.svg
  --dir DIR     measure on the file system of DIR (default: the directory for temporary files); takes 4 GB
`

/** Reads `words`, of which `--only` may name scenarios in `names`. */
export const readArguments = (words: ReadonlyArray<string>, names: ReadonlyArray<string>): Arguments | string => {
  try {
    const { values } = parseArgs({
      // What stands after `--` reaches a script with it.
      args: words.filter(word => word !== '--'),
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        write: { type: 'string' },
        dir: { type: 'string', default: tmpdir() },
        help: { type: 'boolean', default: false },
      },
    })
    const unknown = values.only.find(name => !names.includes(name))
    return unknown === undefined ? values : `there is no scenario ${JSON.stringify(unknown)}, but ${names.join(', ')}`
  } catch (thrown) {
    return (thrown as Error).message
  }
}
