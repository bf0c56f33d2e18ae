import { decide, decodeEvent, emptyState, encodeEvent, fold, NewTask, taskFields, Time } from '@claimlog/domain'
import { readImport } from '@claimlog/importers/read-files'
import { parseJson } from '@claimlog/workspace'
import { readNdjson } from '@claimlog/importers'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  parseBackoffArgument,
  parseDurationArgument,
  parseLeaseArgument,
  parsePointInTimeArgument,
  parseTimeOrNowArgument,
  parseWaitArgument,
  parseWholeNumberArgument,
} from '../../packages/cli/src/input/arguments.ts'
import { formatDuration, parseDuration } from '../../packages/messages/src/duration.ts'
import { createProgram } from '../../packages/cli/src/program.ts'
import { fuzzNames } from './pick-command.ts'
import { type Dice, fuzz, fuzzTimeoutMs } from './fuzz-runs.ts'
import { generateWord, generateWords } from './generate-words.ts'
import { generateFieldValue, generateJson, generateText } from './generate-values.ts'
import { noonMs } from './generate-log.ts'

/** The result of parsing one word; undefined if it was refused with a usage error. */
const tryParse = <A>(parse: (text: string) => A, text: string): A | undefined => {
  try {
    return parse(text)
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'commander.invalidArgument', exitCode: 1 })
    return undefined
  }
}

/** A parsed duration may exceed the limits of the rules, which check them. */
const isWhole = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0

describe('a word of the command line', () => {
  it(
    'is parsed as a valid duration, number or time, or is refused',
    async () => {
      await fuzz(2000, dice => {
        const word = generateWord(dice)
        for (const parse of [parseDurationArgument, parseWaitArgument, parseWholeNumberArgument])
          expect(isWhole(tryParse(parse, word) ?? 0)).toBe(true)
        expect(parseDuration(formatDuration(dice.between(0, 2_000_000_000))) ?? 0).toBeGreaterThanOrEqual(0)
        const lease = tryParse(parseLeaseArgument, word) ?? 'none'
        expect(lease === 'none' || isWhole(lease)).toBe(true)
        const { firstMs, maxMs } = tryParse(parseBackoffArgument, word) ?? { firstMs: 0, maxMs: 0 }
        expect(isWhole(firstMs) && isWhole(maxMs) && firstMs <= maxMs).toBe(true)
        const time = tryParse(parseTimeOrNowArgument, word) ?? 'now'
        expect(time === 'now' || Time.is(time)).toBe(true)
        const point = tryParse(parsePointInTimeArgument, word) ?? { seq: 0 }
        expect('seq' in point ? isWhole(point.seq) : Time.is(point.time)).toBe(true)
      })
    },
    fuzzTimeoutMs,
  )

  it(
    'is parsed with the other words, or all are refused as a usage error',
    async () => {
      await fuzz(500, async dice => {
        const words = generateWords(dice)
        const program = createProgram('0', words, () => undefined)
        for (const command of [program, ...program.commands]) {
          command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
          if (command !== program) command.action(() => undefined)
        }
        try {
          await program.parseAsync(words, { from: 'user' })
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: expect.stringMatching(/^commander\./) as string })
        }
      })
    },
    fuzzTimeoutMs,
  )
})

const generateTask = (dice: Dice): string => {
  const fields = ['kind', 'task_id', ...Object.keys(taskFields), ...(dice.chance(5) ? ['__proto__', 'seq', 'id'] : [])]
  const presentFields = fields.filter(field => field === 'kind' || dice.chance(20))
  const values = presentFields.map(field => {
    const json = field === 'kind' && dice.chance(90) ? '"docs"' : generateFieldValue(dice, field, fuzzNames)
    return `${JSON.stringify(field)}:${json}`
  })
  return `{${values.join(',')}}`
}

/** An object of another tool with some of these fields, always the first; each has a usual value or any other. */
const generateExternalObject = (dice: Dice, fields: Readonly<Record<string, ReadonlyArray<string>>>): string => {
  const [first] = Object.keys(fields)
  const presentFields = Object.entries(fields).filter(([name]) => name === first || dice.chance(40))
  const values = presentFields.map(
    ([name, usualValues]) => `"${name}":${dice.chance(80) ? dice.pick(usualValues) : generateJson(dice)}`,
  )
  return `{${values.join(',')}}`
}

const ids = ['"a"', '"b"', '"c d"', '"5.2"']
const words = ['"x"', '"in the way"', 'null', '""']
const beadsFields = {
  id: ids,
  title: words,
  issue_type: ['"bug"', '"epic"', '"gate"', '"An odd type"'],
  status: ['"open"', '"in_progress"', '"closed"', '"deferred"', '"tombstone"', '"odd"'],
  priority: ['0', '4', '-1', '2.5', '99'],
  assignee: words,
  labels: ['["x","y z"]', '[1]'],
  description: words,
  defer_until: ['"2026-09-01T00:00:00+02:00"', '"soon"'],
  dependencies: ['[{"depends_on_id":"a","type":"blocks"}]', '[{"depends_on_id":"zz"}]', '[null]'],
}
const taskMasterFields = {
  id: ['1', '2', '"3"', '"a b"'],
  title: words,
  status: ['"pending"', '"done"', '"in-progress"', '"review"', '"odd"'],
  priority: ['"high"', '"urgent"'],
  assignee: words,
  dependencies: ['[1,"2"]', '["1.1"]', '[null]'],
  subtasks: ['[{"id":1,"dependencies":[1,2]},{"id":"2","status":"done"}]', '[{"id":null}]'],
  details: words,
}
const githubFields = {
  number: ['1', '2', '3', '1e99'],
  title: words,
  state: ['"OPEN"', '"CLOSED"', '"MERGED"'],
  stateReason: ['"NOT_PLANNED"', '"COMPLETED"'],
  labels: ['[{"name":"a b"}]', '["x"]'],
  assignees: ['[{"login":"ann"}]', '[null]'],
  blockedBy: ['{"nodes":[{"number":1},{"number":9}]}', '[{"number":2,"state":"CLOSED"}]'],
  milestone: ['{"title":"M"}', 'null'],
}

const generateChecklistItem = (dice: Dice): string =>
  `${' '.repeat(2 * dice.between(0, 3))}${dice.pick(['-', '*', '+', '1.', '>'])} ${dice.pick(['[ ]', '[x]', '[-]', ''])} ${
    dice.chance(50) ? dice.pick(['a', 'b {#b}', 'c ^c', '**d**', '`']) : generateText(dice)
  }`

/** A file of any importable format, more or less malformed. */
const generateFile = (dice: Dice): string => {
  const generateList = (generateItem: () => string): string =>
    Array.from({ length: dice.between(0, 3) }, generateItem).join(',')
  const generateNamedTask = (): string => generateTask(dice).replace('"task_id"', '"id"')
  const generateClaim = (): string =>
    `{"worker":${generateFieldValue(dice, 'worker', fuzzNames)},"task_id":${generateFieldValue(dice, 'task_id', fuzzNames)}}`
  const generateGraphTask = (): string =>
    `{"id":${generateFieldValue(dice, 'task_id', fuzzNames)},"status":"pending","deps":${generateFieldValue(dice, 'needs', fuzzNames)}}`
  const generators = [
    () => Array.from({ length: dice.between(0, 4) }, () => generateTask(dice)).join('\n'),
    () => `{"tasks":[${generateList(generateNamedTask)}],"claims":[${generateList(generateClaim)}],"seq":1}`,
    () => `{"tasks":[${generateList(generateGraphTask)}]}`,
    () => `[${generateList(generateGraphTask)}]`,
    () => `{"tasks":${generateJson(dice)},"claims":${generateJson(dice)}}`,
    () => Array.from({ length: dice.between(1, 4) }, () => generateExternalObject(dice, beadsFields)).join('\n'),
    () => `{"master":{"tasks":[${generateList(() => generateExternalObject(dice, taskMasterFields))}]}}`,
    () => `[${generateList(() => generateExternalObject(dice, githubFields))}]`,
    () => Array.from({ length: dice.between(1, 9) }, () => generateChecklistItem(dice)).join('\n'),
    () => generateJson(dice),
    () => generateText(dice),
  ]
  const text = `${dice.chance(5) ? '\ufeff' : ''}${dice.pick(generators)()}`
  const position = dice.between(0, text.length)
  return dice.chance(15) ? text.slice(0, position) + generateText(dice) + text.slice(position) : text
}

/** The state of a workspace that already has a task. */
const createState = () => {
  const openDecision = decide({ command: 'open', workspace: 'w', nowMs: noonMs }, emptyState())
  const state = fold(emptyState(), E.isRight(openDecision) ? openDecision.right.events : [])
  const addDecision = decide({ command: 'add', tasks: [{ kind: 'docs', taskId: 'a' }], nowMs: noonMs }, state)
  return fold(state, E.isRight(addDecision) ? addDecision.right.events : [])
}

describe('JSON from outside', () => {
  it(
    'is read exactly, or refused with a reason',
    async () => {
      await fuzz(2500, dice => {
        const text = dice.chance(50)
          ? generateTask(dice)
          : `{"a":${generateJson(dice)},${JSON.stringify(generateText(dice))}:[${generateJson(dice)}]}`
        const json = parseJson(text)
        const field = JSON.stringify(dice.pick(fuzzNames))
        expect(parseJson(`{${field}:1,"z":[${text}],${field}:2}`)._tag).toBe('Left')
        if (E.isLeft(json)) expect(json.left).toMatch(/^(is|has|contains) /)
        else expect(JSON.stringify(json.right)).toBe(JSON.stringify(JSON.parse(text)))
      })
    },
    fuzzTimeoutMs,
  )

  it(
    'is read as tasks that can be added and read back, or refused with a reason',
    async () => {
      await fuzz(2500, dice => {
        const text = generateFile(dice)
        const ndjson = readNdjson(text)
        if (E.isRight(ndjson)) expect(ndjson.right.every(task => NewTask.is(task))).toBe(true)
        const imported = readImport(text)
        const tasks = E.isRight(imported) ? imported.right.tasks : []
        const foreign = E.isRight(imported) && imported.right.foreign ? true : undefined
        for (const command of [
          { command: 'import', tasks, foreign } as const,
          { command: 'add', tasks: E.isRight(ndjson) ? ndjson.right : [] } as const,
        ]) {
          const decision = decide({ ...command, nowMs: noonMs }, createState())
          // A reader of another tool's file never produces malformed input, whatever the file contains.
          if (foreign && E.isLeft(decision)) expect(decision.left.error).not.toBe('bad_input')
          const events = E.isRight(decision) ? decision.right.events : []
          for (const event of events) {
            const read = decodeEvent(JSON.parse(encodeEvent(event)))
            expect(E.isRight(read) ? encodeEvent(read.right) : read).toBe(encodeEvent(event))
          }
        }
      })
    },
    fuzzTimeoutMs,
  )
})
