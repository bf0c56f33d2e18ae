/**
 * The part of commander that a worker's command needs, for simple command lines: every flag written in full and followed by
 * its value, every argument present. It replaces commander in the bundle of those commands, because commander takes longer
 * to load than the command takes to run. It declines anything else (an abbreviated flag, `--flag=value`, a value that begins
 * with a dash, help, a mistake) and leaves it to commander, so that errors are reported in one place.
 */

/** Thrown for a command line that is left to commander. */
export class NeedsCommander extends Error {}

/** Thrown by parsers of flags and arguments. Its message is not used: commander parses again and reports the error. */
export class InvalidArgumentError extends NeedsCommander {}

type Parse = (text: string, before: unknown) => unknown

/**
 * A flag: `--name <value>`, `--name [value...]`, `--name`, or `--no-name`, which is true unless given. `--name [value]`
 * depends on the next word and is left to commander.
 */
export class Option {
  readonly name: string
  readonly takesValue: boolean
  readonly isVariadic: boolean
  readonly hasOptionalValue: boolean
  readonly isNegated: boolean
  variable: string | undefined
  defaultValue: unknown
  parse: Parse = text => text

  constructor(flags: string, _description: string) {
    const [name = '', value] = flags.split(' ')
    this.takesValue = value !== undefined
    this.isVariadic = value?.includes('...') === true
    this.hasOptionalValue = value?.startsWith('[') === true && !this.isVariadic
    this.isNegated = name.startsWith('--no-')
    this.name = name
    this.defaultValue = this.isNegated ? true : undefined
  }

  /** The key of the value, as in commander: `retryIn` for `--retry-in`. */
  get key(): string {
    const words = this.name.slice(this.isNegated ? '--no-'.length : '--'.length).split('-')
    return words.map((word, i) => (i === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join('')
  }

  argParser(parse: Parse): this {
    this.parse = parse
    return this
  }

  choices(values: ReadonlyArray<string>): this {
    return this.argParser(text => {
      if (!values.includes(text)) throw new NeedsCommander()
      return text
    })
  }

  default(value: unknown): this {
    this.defaultValue = value
    return this
  }

  env(variable: string): this {
    this.variable = variable
    return this
  }
}

type Action = (...args: ReadonlyArray<unknown>) => Promise<void>

/** A command with its flags and arguments, or the program that contains the commands. */
export class Command {
  readonly name: string
  readonly commands: Array<Command> = []
  private readonly operands: Array<{ readonly required: boolean; readonly variadic: boolean }> = []
  private readonly options: Array<Option> = []
  private values: Readonly<Record<string, unknown>> = {}
  private perform: Action = () => Promise.resolve()

  constructor(name = '') {
    this.name = name
  }

  command(name: string): Command {
    const command = new Command(name)
    this.commands.push(command)
    return command
  }

  description(): this {
    return this
  }

  argument(name: string): this {
    this.operands.push({ required: name.startsWith('<'), variadic: name.includes('...') })
    return this
  }

  option(flags: string, description: string, parse?: Parse): this {
    const option = new Option(flags, description)
    return this.addOption(parse === undefined ? option : option.argParser(parse))
  }

  addOption(option: Option): this {
    this.options.push(option)
    return this
  }

  action(perform: Action): this {
    this.perform = perform
    return this
  }

  optsWithGlobals(): Readonly<Record<string, unknown>> {
    return this.values
  }

  /**
   * Runs the command named by the first of `words`, or by the one after one flag of the program. Throws {@link NeedsCommander},
   * without any effect, for a command line that is left to commander.
   */
  run(words: ReadonlyArray<string>): Promise<void> {
    const index = this.options.some(({ name, takesValue }) => takesValue && name === words[0]) ? 2 : 0
    const command = this.commands.find(({ name }) => name === words[index])
    if (command === undefined) throw new NeedsCommander()
    const options = [...command.options, ...this.options]
    const { values, operands } = parseWords(options, [...words.slice(0, index), ...words.slice(index + 1)])
    command.values = values
    return command.perform(...command.arrange(operands), values, command)
  }

  /** Assigns the words that are not flags to the arguments. */
  private arrange(words: ReadonlyArray<string>): ReadonlyArray<unknown> {
    const last = this.operands.at(-1)
    if (words.length > this.operands.length && last?.variadic !== true) throw new NeedsCommander()
    return this.operands.map(({ required, variadic }, i) => {
      if (required && words[i] === undefined) throw new NeedsCommander()
      return variadic ? words.slice(i) : words[i]
    })
  }
}

/** Separates the values of flags, by key, from the other words. */
const parseWords = (
  options: ReadonlyArray<Option>,
  words: ReadonlyArray<string>,
): { readonly values: Record<string, unknown>; readonly operands: ReadonlyArray<string> } => {
  const values: Record<string, unknown> = {}
  const operands: Array<string> = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] as string
    if (!word.startsWith('-')) {
      operands.push(word)
      continue
    }
    const option = options.find(({ name }) => name === word)
    if (option === undefined || option.hasOptionalValue) throw new NeedsCommander()
    if (option.isVariadic) {
      if (values[option.key] !== undefined) throw new NeedsCommander()
      const optionValues = wordsBeforeFlag(words, index + 1)
      index += optionValues.length
      values[option.key] = optionValues.length === 0 ? true : optionValues
    } else if (option.takesValue) {
      index += 1
      values[option.key] = option.parse(requireValue(words[index]), values[option.key])
    } else values[option.key] = !option.isNegated
  }
  for (const option of options) values[option.key] ??= readDefault(option)
  return { values, operands }
}

const wordsBeforeFlag = (words: ReadonlyArray<string>, start: number): ReadonlyArray<string> => {
  const flag = words.findIndex((word, i) => i >= start && word.startsWith('-'))
  return words.slice(start, flag === -1 ? undefined : flag)
}

const requireValue = (word: string | undefined): string => {
  if (word === undefined || word.startsWith('-')) throw new NeedsCommander()
  return word
}

const readDefault = ({ variable, parse, defaultValue }: Option): unknown => {
  const environmentValue = variable === undefined ? undefined : process.env[variable]
  return environmentValue === undefined ? defaultValue : parse(environmentValue, undefined)
}
