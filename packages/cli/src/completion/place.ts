import type { Argument, Command, Option } from 'commander'

/** An argument or flag value that is expected: its name in the definition, and its choices if they are fixed. */
type Slot = { readonly name: string; readonly choices: ReadonlyArray<string> | undefined }

/** The position of the cursor in a command line, by the program's definitions. */
export type Place = {
  /** The named command, or the program itself. */
  readonly command: Command
  /** The arguments of the command before the cursor. */
  readonly operands: ReadonlyArray<string>
  /** The value expected here, if any. */
  readonly slot: Slot | undefined
  /** The part of the word before the value: `--status=`. */
  readonly before: string
  /** The typed part of the value or flag. */
  readonly typed: string
  readonly wants: 'a command' | 'a flag' | 'a value'
  /** The value of `--dir`. */
  readonly dir: string | undefined
  /** True if a word that begins with a dash is a value here, not a flag. */
  readonly takesDash: boolean
}

/** The state of parsing the words before the cursor. */
type Reading = {
  command: Command
  readonly operands: Array<string>
  readonly dirs: Array<string>
  /** The flag that takes the next word: always if `must`, else unless the word begins with a dash. */
  taking: { readonly option: Option; readonly must: boolean } | undefined
  /** The words after `--`, none of which is a flag; undefined before `--`. */
  literal: Array<string> | undefined
}

/** Locates the last of `words`, which do not include the program's name; undefined after an unknown command. */
export const placeOf = (program: Command, words: ReadonlyArray<string>): Place | undefined => {
  const reading: Reading = { command: program, operands: [], dirs: [], taking: undefined, literal: undefined }
  for (const word of words.slice(0, -1)) if (!takes(reading, program, word)) return undefined
  return placeAfter(reading, program, words.at(-1) ?? '')
}

/** Parses one word as commander does; false if it should name a command but does not. */
const takes = (reading: Reading, program: Command, word: string): boolean => {
  const { taking, command, literal } = reading
  const isDashed = word.startsWith('-') && word !== '-'
  if (taking !== undefined && (taking.must || !isDashed)) {
    const { option } = taking
    if (option.attributeName() === 'dir') reading.dirs.push(word)
    reading.taking = option.variadic ? { option, must: false } : undefined
    return true
  }
  reading.taking = undefined
  if (literal === undefined && word === '--') reading.literal = []
  else if (literal !== undefined && runsCommand(command)) literal.push(word)
  else if (literal === undefined && isDashed) readFlag(reading, program, word)
  else if (command !== program) reading.operands.push(word)
  else {
    const named = program.commands.find(each => each.name() === word)
    if (named === undefined) return false
    reading.command = named
  }
  return true
}

/** True if another program's command line follows `--`, according to the usage. */
const runsCommand = (command: Command): boolean => command.usage().includes('-- <command>')

const readFlag = (reading: Reading, program: Command, word: string): void => {
  const [flag = '', ...value] = word.split('=')
  const option = optionOf(reading.command, program, flag)
  if (value.length > 0) {
    if (option?.attributeName() === 'dir') reading.dirs.push(value.join('='))
  } else if (option !== undefined && (option.required || option.optional))
    reading.taking = { option, must: option.required }
}

const optionOf = (command: Command, program: Command, flag: string): Option | undefined =>
  [...command.options, ...program.options].find(({ long, short }) => long === flag || short === flag)

const placeAfter = (reading: Reading, program: Command, word: string): Place => {
  const { command, operands, dirs, literal, taking } = reading
  const here = {
    command,
    operands,
    dir: dirs.at(-1),
    takesDash: literal !== undefined,
    before: '',
    typed: word,
    slot: undefined,
  }
  const isDashed = word.startsWith('-') && literal === undefined
  if (taking !== undefined && (taking.must || !isDashed))
    return { ...here, wants: 'a value', slot: slotOfOption(taking.option), takesDash: taking.must }
  if (isDashed) {
    const [flag = '', ...value] = word.split('=')
    const option = value.length === 0 ? undefined : optionOf(command, program, flag)
    if (option === undefined) return { ...here, wants: 'a flag' }
    const slot = slotOfOption(option)
    return { ...here, wants: 'a value', slot, before: `${flag}=`, typed: value.join('='), takesDash: true }
  }
  if (command === program) return { ...here, wants: 'a command' }
  if (literal !== undefined && runsCommand(command))
    return { ...here, wants: 'a value', slot: { name: literal.length === 0 ? 'command' : 'file', choices: undefined } }
  const slot = slotOfOperand(command.registeredArguments, operands.length)
  return { ...here, wants: slot === undefined && literal === undefined ? 'a flag' : 'a value', slot }
}

const slotOfOption = ({ flags, argChoices }: Option): Slot => ({
  name: /[<[](.+?)(\.\.\.)?[>\]]/.exec(flags)?.[1] ?? '',
  choices: argChoices,
})

const slotOfOperand = (known: ReadonlyArray<Argument>, at: number): Slot | undefined => {
  const last = known.at(-1)
  const argument = known[at] ?? (last?.variadic === true ? last : undefined)
  return argument === undefined ? undefined : { name: argument.name(), choices: argument.argChoices }
}
