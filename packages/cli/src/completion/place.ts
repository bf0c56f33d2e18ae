import type { Argument, Command, Option } from 'commander'

/** A value that is to be given: what its definition calls it, and what it may be, where that is fixed. */
type Slot = { readonly name: string; readonly choices: ReadonlyArray<string> | undefined }

/** Where the cursor stands among the words of a command line, as the program's definitions have it. */
export type Place = {
  /** The command that was named; the program itself where none was. */
  readonly command: Command
  /** The words before the cursor that are arguments of the command. */
  readonly operands: ReadonlyArray<string>
  /** The value that belongs here; undefined: none does. */
  readonly slot: Slot | undefined
  /** What of the word is no part of that value: `--status=`. */
  readonly before: string
  /** What was typed of the value, or of a flag. */
  readonly typed: string
  readonly wants: 'a command' | 'a flag' | 'a value'
  /** What was given as `--dir`. */
  readonly dir: string | undefined
  /** Whether a value that begins with a dash is taken for one here, and not for a flag. */
  readonly takesDash: boolean
}

/** How the words before the cursor were read. */
type Reading = {
  command: Command
  readonly operands: Array<string>
  readonly dirs: Array<string>
  /** The flag that the next word belongs to: it must, or unless it begins with a dash. */
  taking: { readonly option: Option; readonly must: boolean } | undefined
  /** The words after `--`, where one that begins with a dash is no flag; undefined: it has not come. */
  literal: Array<string> | undefined
}

/** Where the last of `words` stands, of which the program's own name is none; undefined: after a command that there is not. */
export const placeOf = (program: Command, words: ReadonlyArray<string>): Place | undefined => {
  const reading: Reading = { command: program, operands: [], dirs: [], taking: undefined, literal: undefined }
  for (const word of words.slice(0, -1)) if (!takes(reading, program, word)) return undefined
  return placeAfter(reading, program, words.at(-1) ?? '')
}

/** Reads one word as commander does; false: it names no command. */
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

/** Whether what follows `--` is the command line of another program, as its usage says. */
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
