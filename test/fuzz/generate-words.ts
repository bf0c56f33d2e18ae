import type { Dice } from './fuzz-runs.ts'
import { generateJson, hostileNames, generateText, edgeTimes } from './generate-values.ts'

/** The commands that end by themselves, with their required arguments. */
const commands: ReadonlyArray<ReadonlyArray<string>> = [
  ...[
    ['add', 'docs'],
    ['add', 'docs', 'x'],
    ['add', '-'],
    ['import', '-'],
    ['claim', 'ann'],
    ['claim', 'ann', 'docs'],
  ],
  ...[
    ['complete', 'ann', 'a'],
    ['fail', 'ann', 'a'],
    ['renew', 'ann', 'a'],
    ['release', 'ann', 'a'],
    ['hold', 'a'],
  ],
  ...[
    ['unhold', 'a'],
    ['cancel', 'a'],
    ['retry', 'a'],
    ['amend', 'a'],
    ['note', 'a', 'x'],
    ['pause', 'docs'],
  ],
  ...[['resume', 'docs'], ['limit', 'docs', '1'], ['list'], ['show', 'a'], ['status'], ['why', 'a'], ['trace', 'a']],
  ...[['diff', '1'], ['replay'], ['verify'], ['doctor'], ['repair'], ['tail'], ['help'], ['no-such-command']],
]

const flags = [
  ...[
    '--title',
    '--payload',
    '--needs',
    '--priority',
    '--at',
    '--in',
    '--max-attempts',
    '--backoff',
    '--lease',
    '--tag',
  ],
  ...['--key', '--token', '--result', '--error', '--retry-in', '--no-retry', '--reason', '--by', '--request-id'],
  ...[
    '--count',
    '--task',
    '--expect-seq',
    '--kind',
    '--status',
    '--json',
    '-n',
    '--durability',
    '--lock-timeout',
    '--',
  ],
] as const

const likelyValues = [
  ...[
    '0',
    '1',
    '1e3',
    '00',
    '+1',
    '999999999999999',
    '9999999999999999',
    '1.5',
    '5m',
    '0s',
    '999999999999d',
    '.5s',
    '1.5ms',
  ],
  ...[
    '1s..2s',
    '2s..1s',
    '..',
    'none',
    'now',
    'os',
    '2025-01-01T12:00Z',
    '9999-12-31T23:59:59Z',
    '0000-01-01',
    '@',
    '-',
  ],
] as const

/** A value of some flag, or anything else. An argument cannot contain NUL, and its bytes are UTF-8. */
export const generateWord = (dice: Dice): string => {
  const word = dice.pick([
    () => generateText(dice),
    () => dice.pick(hostileNames),
    () => dice.pick(edgeTimes),
    () => dice.pick(flags),
    () => dice.pick(likelyValues),
    () => generateJson(dice).slice(0, 100_000),
  ])()
  return Buffer.from(word.replaceAll('\0', '')).toString()
}

/** A command line: an existing command, most of its arguments, and flags with values that may be invalid. */
export const generateWords = (dice: Dice): ReadonlyArray<string> => {
  const [name = '', ...operands] = dice.pick(commands)
  const words = [...operands.map(word => (dice.chance(25) ? generateWord(dice) : word))]
  for (let flagsLeft = dice.between(0, 3); flagsLeft > 0; flagsLeft -= 1)
    words.push(dice.pick(flags), generateWord(dice))
  // Help is text for people, and --follow does not end.
  return [name, ...words.filter(word => !/^(-f|--follow|-h|--help)/.test(word))]
}
