import type { Argument, Command, Option } from 'commander'
import type { PlaceChoice } from '@claimlog/client/unstable-internals'

/** An argument or flag value that is expected: its name in the definition, and its choices if they are fixed. */
type ExpectedValue = { readonly name: string; readonly choices: ReadonlyArray<string> | undefined }

/** The position of the cursor in a command line, by the program's definitions. */
export type CursorContext = {
  /** The named command, or the program itself. */
  readonly command: Command
  /** The arguments of the command before the cursor. */
  readonly operands: ReadonlyArray<string>
  /** The value expected here, if any. */
  readonly expected: ExpectedValue | undefined
  /** The part of the word before the value: `--status=`. */
  readonly prefix: string
  /** The typed part of the value or flag. */
  readonly typed: string
  readonly wants: 'a command' | 'a flag' | 'a value'
  /** The values of `--log` and `--dir`. */
  readonly place: PlaceChoice
  /** True if a word that begins with a dash is a value here, not a flag. */
  readonly takesDash: boolean
}

/** The state of parsing the words before the cursor. */
type ParseState = {
  command: Command
  readonly operands: Array<string>
  place: PlaceChoice
  /** The flag that takes the next word: always if `must`, else unless the word begins with a dash. */
  pending: { readonly option: Option; readonly must: boolean } | undefined
  /** The words after `--`, none of which is a flag; undefined before `--`. */
  literal: Array<string> | undefined
}

/** Locates the last of `words`, which do not include the program's name; undefined after an unknown command. */
export const locateCursor = (program: Command, words: ReadonlyArray<string>): CursorContext | undefined => {
  const parseState: ParseState = { command: program, operands: [], place: {}, pending: undefined, literal: undefined }
  for (const word of words.slice(0, -1)) if (!parseWord(parseState, program, word)) return undefined
  return toCursorContext(parseState, program, words.at(-1) ?? '')
}

/** Parses one word as commander does; false if it should name a command but does not. */
const parseWord = (parseState: ParseState, program: Command, word: string): boolean => {
  const { pending, command, literal } = parseState
  const isDashed = word.startsWith('-') && word !== '-'
  if (pending !== undefined && (pending.must || !isDashed)) {
    const { option } = pending
    notePlace(parseState, option, word)
    parseState.pending = option.variadic ? { option, must: false } : undefined
    return true
  }
  parseState.pending = undefined
  if (literal === undefined && word === '--') parseState.literal = []
  else if (literal !== undefined && runsCommand(command)) literal.push(word)
  else if (literal === undefined && isDashed) parseFlag(parseState, program, word)
  else if (command !== program) parseState.operands.push(word)
  else {
    const named = program.commands.find(each => each.name() === word)
    if (named === undefined) return false
    parseState.command = named
  }
  return true
}

/** True if another program's command line follows `--`, according to the usage. */
const runsCommand = (command: Command): boolean => command.usage().includes('-- <command>')

const parseFlag = (parseState: ParseState, program: Command, word: string): void => {
  const [flag = '', ...value] = word.split('=')
  const option = findOption(parseState.command, program, flag)
  if (value.length > 0) {
    notePlace(parseState, option, value.join('='))
  } else if (option !== undefined && (option.required || option.optional))
    parseState.pending = { option, must: option.required }
}

const notePlace = (parseState: ParseState, option: Option | undefined, value: string): void => {
  const name = option?.attributeName()
  if (name === 'log' || name === 'dir') parseState.place = { ...parseState.place, [name]: value }
}

const findOption = (command: Command, program: Command, flag: string): Option | undefined =>
  [...command.options, ...program.options].find(({ long, short }) => long === flag || short === flag)

const toCursorContext = (parseState: ParseState, program: Command, word: string): CursorContext => {
  const { command, operands, place, literal, pending } = parseState
  const common = {
    command,
    operands,
    place,
    takesDash: literal !== undefined,
    prefix: '',
    typed: word,
    expected: undefined,
  }
  const isDashed = word.startsWith('-') && literal === undefined
  if (pending !== undefined && (pending.must || !isDashed))
    return { ...common, wants: 'a value', expected: toOptionValue(pending.option), takesDash: pending.must }
  if (isDashed) {
    const [flag = '', ...value] = word.split('=')
    const option = value.length === 0 ? undefined : findOption(command, program, flag)
    if (option === undefined) return { ...common, wants: 'a flag' }
    const expected = toOptionValue(option)
    return { ...common, wants: 'a value', expected, prefix: `${flag}=`, typed: value.join('='), takesDash: true }
  }
  if (command === program) return { ...common, wants: 'a command' }
  if (literal !== undefined && runsCommand(command))
    return {
      ...common,
      wants: 'a value',
      expected: { name: literal.length === 0 ? 'command' : 'file', choices: undefined },
    }
  const expected = toOperandValue(command.registeredArguments, operands.length)
  return { ...common, wants: expected === undefined && literal === undefined ? 'a flag' : 'a value', expected }
}

const toOptionValue = ({ flags, argChoices }: Option): ExpectedValue => ({
  name: /[<[](.+?)(\.\.\.)?[>\]]/.exec(flags)?.[1] ?? '',
  choices: argChoices,
})

const toOperandValue = (definitions: ReadonlyArray<Argument>, index: number): ExpectedValue | undefined => {
  const last = definitions.at(-1)
  const argument = definitions[index] ?? (last?.variadic === true ? last : undefined)
  return argument === undefined ? undefined : { name: argument.name(), choices: argument.argChoices }
}
