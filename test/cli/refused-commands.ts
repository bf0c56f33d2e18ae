/** A row of the table of refusals; `refusals.test.ts` creates the tasks that it refers to. */
export type RefusedCommand = {
  readonly words: ReadonlyArray<string>
  readonly exit: number
  readonly error: string
  readonly input?: string | Uint8Array
  /** The contents of `input.json` in the working directory. */
  readonly file?: string | Uint8Array
  /** A text that the message must contain. */
  readonly messagePart?: string
  /** Further fields that explain the refusal. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** Rows that differ in their arguments only. */
const listCommands = (
  exit: number,
  error: string,
  ...lines: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<RefusedCommand> => lines.map(words => ({ words, exit, error }))

const wrongUsage = [
  ...listCommands(2, 'usage', ['bogus'], ['__proto__'], ['--bogus'], ['--dir']),
  ...listCommands(2, 'usage', ['init', 'a', 'b'], ['init', '--lease', 'soon'], ['init', '--max-attempts', 'x']),
  ...listCommands(2, 'usage', ['add'], ['add', 'k', 'a', 'b'], ['add', 'k', '--bogus'], ['add', 'k', '--title']),
  ...listCommands(2, 'usage', ['add', 'k', '--priority', 'x'], ['add', 'k', '--max-attempts', '1.5']),
  ...listCommands(2, 'usage', ['add', 'k', '--lease', '5'], ['add', 'k', '--lease', '-5m'], ['add', '-', 'a-name']),
  ...listCommands(2, 'usage', ['add', '-', '--title', 'for all'], ['import'], ['import', 'a', 'b'], ['claim']),
  ...listCommands(2, 'usage', ['claim', 'w', '--lease', '1w'], ['claim', 'w', '--bogus'], ['claim', 'w', '--task']),
  ...listCommands(
    2,
    'usage',
    ['complete', 'w'],
    ['complete', 'w', 'a', 'b'],
    ['complete', 'w', 'mine', '--token', 'x'],
  ),
  ...listCommands(2, 'usage', ['complete', 'w', 'mine', '--token', '-1'], ['fail', 'w'], ['fail', 'w', 'a', 'b']),
  ...listCommands(2, 'usage', ['fail', 'ann', 'mine', '--retry-in', 'soon'], ['renew', 'w'], ['renew', 'w', 'a', 'b']),
  ...listCommands(2, 'usage', ['fail', 'ann', 'mine', '--retry-in', '5m', '--no-retry'], ['release', 'w']),
  ...listCommands(2, 'usage', ['complete', 'ann', 'mine', '--lease', '5m'], ['fail', 'ann', 'mine', '--lease', 'none']),
  ...listCommands(2, 'usage', ['complete', '--claim-next', 'ann', 'mine'], ['release', 'ann', 'mine', '--claim-next']),
  ...listCommands(2, 'usage', ['complete', 'ann', 'mine', '--claim-next', '--lease', 'soon']),
  ...listCommands(2, 'usage', ['renew', 'ann', 'mine', '--lease', ''], ['release', 'w', 'a', 'b'], ['hold']),
  ...listCommands(2, 'usage', ['hold', 'a', 'b'], ['unhold'], ['unhold', 'a', 'b'], ['hold', 'free', '--reason']),
  ...listCommands(2, 'usage', ['list', 'a', '--json'], ['list', '--json', '--status', 'claimed'], ['show', '--json']),
  ...listCommands(2, 'usage', ['show', 'a', 'b', '--json'], ['status', 'a', '--json'], ['trace', '--json']),
  ...listCommands(2, 'usage', ['trace', 'a', 'b', '--json'], ['replay', 'a', '--json'], ['verify', 'a', '--json']),
  ...listCommands(2, 'usage', ['tail', 'a', '--json'], ['tail', '--json', '-n', '-1'], ['tail', '--json', '-n', 'x']),
  ...listCommands(2, 'usage', ['claim', 'w', '--lock-timeout', '5'], ['claim', 'w', '--durability', 'tape']),
]

/** Commands for operators, and points in time. */
const wrongUsageOfOperators = [
  ...listCommands(2, 'usage', ['amend'], ['amend', 'free'], ['amend', 'a', 'b'], ['amend', 'free', '--key', 'k']),
  ...listCommands(2, 'usage', ['amend', 'free', '--priority', 'x'], ['amend', 'free', '--in', '1h', '--at', 'now']),
  ...listCommands(2, 'usage', ['amend', 'free', '--at', 'tomorrow'], ['amend', 'free', '--at', '2026-02-30']),
  ...listCommands(2, 'usage', ['amend', 'free', '--at', '2026-13-01'], ['amend', 'free', '--at', '2026-12-01T25:00Z']),
  ...listCommands(2, 'usage', ['amend', 'free', '--at', '2026-12-01T10:00'], ['add', 'k', '--at', '1767225600']),
  ...listCommands(
    2,
    'usage',
    ['add', 'k', '--at', '2027-02-29'],
    ['add', 'k', '--in', '5'],
    ['add', 'k', '--in', '-5m'],
  ),
  ...listCommands(2, 'usage', ['add', 'k', '--in', '0', '--at', 'now'], ['add', 'k', '--backoff', 'soon']),
  ...listCommands(2, 'usage', ['add', 'k', '--backoff', '1s..'], ['add', 'k', '--backoff', '1s..2s..3s']),
  ...listCommands(
    2,
    'usage',
    ['add', '-', '--in', '1h'],
    ['init', '--backoff', '10'],
    ['cancel'],
    ['cancel', 'a', 'b'],
  ),
  ...listCommands(
    2,
    'usage',
    ['cancel', 'free', '--reason'],
    ['retry'],
    ['retry', 'a', 'b'],
    ['note'],
    ['note', 'free'],
  ),
  ...listCommands(2, 'usage', ['note', 'free', 'two', 'words'], ['note', 'free', 'x', '--text', 'y'], ['pause']),
  ...listCommands(2, 'usage', ['pause', 'a', 'b'], ['resume'], ['resume', 'a', 'b'], ['limit'], ['limit', 'docs']),
  ...listCommands(2, 'usage', ['limit', 'docs', 'x'], ['limit', 'docs', '-1'], ['limit', 'docs', '1.5']),
  ...listCommands(2, 'usage', ['limit', 'docs', '1', '2'], ['claim', 'w', '--count'], ['claim', 'w', '--count', 'all']),
  ...listCommands(2, 'usage', ['claim', 'w', '--expect-seq', 'x'], ['hold', 'free', '--request-id'], ['why', '--json']),
  ...listCommands(2, 'usage', ['why', 'a', 'b', '--json'], ['why', 'free', '--json', '--at', 'soon']),
  ...listCommands(2, 'usage', ['list', '--json', '--at', ''], ['status', '--json', '--at', '1.5']),
  ...listCommands(2, 'usage', ['replay', '--json', '--at', '2027-02-29'], ['replay', '--json', '--check', '--at', '1']),
  ...listCommands(2, 'usage', ['diff', '--json'], ['diff', '1', '2', '3', '--json'], ['diff', 'then', '--json']),
]

const noWorkspace = [
  ...listCommands(
    2,
    'no_workspace',
    ['amend', 't', '--title', 'x', '--dir', 'nowhere'],
    ['note', 't', 'x', '--dir', 'nowhere'],
  ),
  ...listCommands(2, 'no_workspace', ['cancel', 't', '--dir', 'nowhere'], ['limit', 'k', '1', '--dir', 'nowhere']),
  ...listCommands(
    2,
    'no_workspace',
    ['why', 't', '--json', '--dir', 'nowhere'],
    ['diff', '1', '--json', '--dir', 'nowhere'],
  ),
  ...listCommands(2, 'no_workspace', ['claim', 'w', '--dir', '/'], ['add', 'k', '--dir', 'nowhere']),
  ...listCommands(2, 'no_workspace', ['import', '-', '--dir', 'nowhere'], ['complete', 'w', 't', '--dir', 'nowhere']),
  ...listCommands(
    2,
    'no_workspace',
    ['list', '--json', '--dir', 'nowhere'],
    ['show', 'free', '--json', '--dir', 'nowhere'],
  ),
  ...listCommands(
    2,
    'no_workspace',
    ['status', '--json', '--dir', 'nowhere'],
    ['trace', 't', '--json', '--dir', 'nowhere'],
  ),
  ...listCommands(
    2,
    'no_workspace',
    ['replay', '--json', '--dir', 'nowhere'],
    ['verify', '--json', '--dir', 'nowhere'],
  ),
  ...listCommands(
    2,
    'no_workspace',
    ['tail', '--json', '--dir', 'nowhere'],
    ['tail', '-f', '--json', '--dir', 'nowhere'],
  ),
].map(row => ({ ...row, input: '[]', messagePart: 'events.jsonl' }))

const long = 'x'.repeat(201)

const badNames = [
  ...listCommands(
    2,
    'bad_input',
    ['add', ''],
    ['add', 'k k'],
    ['add', 'k'.repeat(65)],
    ['add', 'k\u0007'],
    ['add', 'k', ''],
  ),
  ...listCommands(
    2,
    'bad_input',
    ['add', 'k', long],
    ['add', 'k', 'a b'],
    ['add', 'k', 'a\tb'],
    ['add', 'k', 'a\u001bb'],
  ),
  ...listCommands(2, 'bad_input', ['add', 'k', 'a\u009bb'], ['add', 'k', 'a\u00a0b'], ['add', 'k', 'a\u202eb']),
  ...listCommands(2, 'bad_input', ['add', 'k', 'a\u2028b'], ['add', 'k', '😀'.repeat(201)], ['add', 'k', '--key', '']),
  ...listCommands(
    2,
    'bad_input',
    ['add', 'k', '--tag', 'a b'],
    ['add', 'k', '--by', 'a b'],
    ['add', 'k', '--needs', 'free,'],
  ),
  ...listCommands(2, 'bad_input', ['add', 'k', '--needs', ''], ['claim', ''], ['claim', long], ['claim', 'a b']),
  ...listCommands(2, 'bad_input', ['claim', 'w', ''], ['claim', 'w', 'k k'], ['claim', 'w', 'k'.repeat(65)]),
  ...listCommands(2, 'bad_input', ['claim', 'w', '--task', ''], ['complete', '', 'mine'], ['complete', 'ann', 'a b']),
  ...listCommands(2, 'bad_input', ['fail', 'a b', 'mine'], ['renew', 'a b', 'mine'], ['release', 'ann', long]),
  ...listCommands(2, 'bad_input', ['hold', 'a b'], ['hold', 'free', '--by', ''], ['unhold', 'held', '--by', 'a b']),
]

const badValues = [
  ...listCommands(2, 'bad_input', ['add', 'k', '--priority', '10'], ['add', 'k', '--max-attempts', '0']),
  ...listCommands(2, 'bad_input', ['add', 'k', '--lease', '0s'], ['add', 'k', '--lease', '999999999999d']),
  ...listCommands(2, 'bad_input', ['claim', 'w', '--lease', '0s'], ['renew', 'ann', 'mine', '--lease', '0s']),
  ...listCommands(2, 'bad_input', ['complete', 'ann', 'mine', '--token', '0']),
  ...listCommands(
    2,
    'bad_input',
    ['complete', 'ann', 'mine', '--claim-next', 'a b'],
    ['fail', 'ann', 'mine', '--claim-next', ''],
  ),
  ...listCommands(
    2,
    'bad_input',
    ['complete', 'ann', 'mine', '--result', '{'],
    ['complete', 'ann', 'mine', '--result', ''],
  ),
  ...listCommands(2, 'bad_input', ['complete', 'ann', 'mine', '--result', '@missing.json'], ['import', 'missing.json']),
  ...listCommands(
    2,
    'bad_input',
    ['complete', 'ann', 'mine', '--result', '@.'],
    ['import', '.'],
    ['add', 'k', '--payload', '@'],
  ),
  ...listCommands(
    2,
    'bad_input',
    ['complete', 'ann', 'mine', '--result', '{"a":1,"a":2}'],
    ['add', 'k', '--payload', 'NaN'],
  ),
  ...listCommands(2, 'bad_input', ['complete', 'ann', 'mine', '--result', '9007199254740993']),
  ...listCommands(
    2,
    'bad_input',
    ['renew', 'ann', 'mine', '--progress', '[1e999]'],
    ['add', 'k', '--payload', "{'a': 1}"],
  ),
  { words: ['add', 'k', '--payload', '-'], input: '{"a":', exit: 2, error: 'bad_input' },
  { words: ['add', 'k', '--payload', '-'], input: Buffer.from([0x22, 0xff, 0x22]), exit: 2, error: 'bad_input' },
  {
    words: ['add', 'k', '--payload', '@input.json'],
    file: '[1,]',
    exit: 2,
    error: 'bad_input',
    messagePart: '--payload',
  },
  { words: ['complete', 'ann', 'mine', '--result', '-'], input: '', exit: 2, error: 'bad_input' },
  { words: ['complete', 'ann', 'mine', '--result', '-'], input: `"${long.repeat(5300)}"`, exit: 2, error: 'bad_input' },
]

const badOperatorValues = [
  ...listCommands(2, 'bad_input', ['amend', 'a b', '--priority', '1'], ['amend', 'free', '--priority', '10']),
  ...listCommands(2, 'bad_input', ['amend', 'free', '--kind', 'k k'], ['amend', 'free', '--lease', '0s']),
  ...listCommands(2, 'bad_input', ['amend', 'free', '--needs', ''], ['amend', 'free', '--tag', 'a b']),
  ...listCommands(2, 'bad_input', ['amend', 'free', '--payload', '{'], ['amend', 'free', '--max-attempts', '0']),
  ...listCommands(2, 'bad_input', ['amend', 'free', '--backoff', '0s..1s'], ['add', 'k', '--in', '999999999999d']),
  ...listCommands(2, 'bad_input', ['cancel', 'a b'], ['retry', ''], ['note', 'a b', 'x'], ['note', 'free', '']),
  ...listCommands(2, 'bad_input', ['note', 'free', ' \n'], ['pause', 'k k'], ['resume', ''], ['limit', 'k k', '1']),
  ...listCommands(
    2,
    'bad_input',
    ['limit', 'docs', '0'],
    ['limit', 'docs', '1000001'],
    ['pause', 'docs', '--by', 'a b'],
  ),
  ...listCommands(2, 'bad_input', ['claim', 'w', '--count', '0'], ['claim', 'w', '--count', '1001']),
  ...listCommands(
    2,
    'bad_input',
    ['claim', 'w', '--task', 'free', '--count', '2'],
    ['claim', 'w', '--expect-seq', '0'],
  ),
  ...listCommands(2, 'bad_input', ['claim', 'w', '--request-id', 'a b'], ['list', '--json', '--at', '0']),
  ...listCommands(
    2,
    'bad_input',
    ['replay', '--json', '--at', '2020-01-01'],
    ['why', 'free', '--json', '--at', '9999'],
  ),
  ...listCommands(2, 'bad_input', ['diff', '3', '2', '--json'], ['diff', '1', '2999-12-31', '--json']),
]

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
const good = '{"kind":"k","task_id":"good"}\n'
const payload = (json: string): string => `${good}{"kind":"k","payload":${json}}\n`

/** Invalid second lines of a batch; the first line, which is valid, must not be added. */
const badLines: ReadonlyArray<readonly [line: string, messagePart: string]> = [
  ['{', 'line 2'],
  ['[]', 'line 2'],
  ['null', 'line 2'],
  ['{"kind":"k"} {"kind":"k"}', 'line 2'],
  ['{"task_id":"no-kind"}', 'kind'],
  ['{"kind":"k","nope":1}', 'nope'],
  ['{"kind":"k","id":"x"}', '"id"'],
  ['{"kind":"k","seq":9}', 'seq'],
  ['{"kind":"k","__proto__":{"kind":"z"}}', '__proto__'],
  ['{"kind":"k","constructor":1}', 'constructor'],
  ['{"kind":"k","kind":"k"}', 'kind'],
  ['{"kind":1}', 'kind'],
  ['{"kind":"k","task_id":"a\\u0000b"}', 'task_id'],
  ['{"kind":"k","task_id":"a\\ud800b"}', 'task_id'],
  ['{"kind":"k","task_id":""}', 'task_id'],
  [`{"kind":"k","task_id":"${long}"}`, 'task_id'],
  ['{"kind":"k\\ud800"}', 'kind'],
  ['{"kind":"k","title":1}', 'title'],
  ['{"kind":"k","priority":-1}', 'priority'],
  ['{"kind":"k","priority":1.5}', 'priority'],
  ['{"kind":"k","max_attempts":"3"}', 'max_attempts'],
  ['{"kind":"k","lease_ms":0}', 'lease_ms'],
  ['{"kind":"k","lease_ms":1e300}', 'lease_ms'],
  ['{"kind":"k","not_before":"tomorrow"}', 'not_before'],
  ['{"kind":"k","not_before":"2025-02-30T00:00:00.000Z"}', 'not_before'],
  ['{"kind":"k","needs":"free"}', 'needs'],
  ['{"kind":"k","needs":["a b"]}', 'needs'],
  ['{"kind":"k","tags":["a",""]}', 'tags'],
  ['{"kind":"k","backoff":{"first_ms":1}}', 'backoff'],
  ['{"kind":"k","backoff":{"first_ms":1,"max_ms":2,"x":3}}', 'backoff'],
  ['{"kind":"k","payload":{"a":1,"\\u0061":1}}', 'a'],
  ['{"kind":"k","payload":9007199254740993}', '9007199254740993'],
  ['{"kind":"k","payload":-9007199254740993}', '9007199254740993'],
  ['{"kind":"k","payload":9007199254740993.0}', '9007199254740993.0'],
  ['{"kind":"k","payload":9.007199254740993e15}', '9.007199254740993e15'],
  ['{"kind":"k","payload":1e400}', '1e400'],
  [`{"kind":"k","payload":${nested(101)}}`, 'levels deep'],
]

const badBatches: ReadonlyArray<RefusedCommand> = [
  ...badLines.map(([line, messagePart]) => ({
    words: ['add', '-'],
    input: `${good}${line}\n`,
    exit: 2,
    error: 'bad_input',
    messagePart,
  })),
  { words: ['add', '-'], input: payload(nested(500_000)), exit: 2, error: 'bad_input', messagePart: 'nested' },
  { words: ['add', '-'], input: payload(`"${'x'.repeat(1024 * 1024)}"`), exit: 2, error: 'bad_input' },
  { words: ['add', '-'], input: Buffer.from(`${good}{"kind":"\xff"}`, 'latin1'), exit: 2, error: 'bad_input' },
  { words: ['add', '-'], input: Buffer.from(`\ufeff${good}`, 'utf16le'), exit: 2, error: 'bad_input' },
  {
    words: ['add', '-'],
    input: `${good}{"kind":"k","needs":["ghost"]}`,
    exit: 5,
    error: 'unknown_task',
    messagePart: 'ghost',
  },
  {
    words: ['add', '-'],
    input: `${good}{"kind":"z","task_id":"good"}`,
    exit: 6,
    error: 'task_exists',
    messagePart: 'good',
  },
  {
    words: ['add', '-'],
    input: `${good}{"kind":"z","task_id":"free"}`,
    exit: 6,
    error: 'task_exists',
    messagePart: 'free',
  },
  {
    words: ['add', '-'],
    input: '{"kind":"k","task_id":"a","needs":["b"]}\n{"kind":"k","task_id":"b","needs":["a"]}',
    exit: 6,
    error: 'needs_cycle',
    data: { path: ['a', 'b', 'a'] },
  },
]

const task = '{"id":"good","kind":"k","status":"ready"}'

const badFiles: ReadonlyArray<readonly [file: string, messagePart: string]> = [
  ['null', 'input.json'],
  ['5', 'input.json'],
  ['# tasks', 'not JSON'],
  ['id,kind\na,b\n', 'not JSON'],
  ['{}', 'input.json'],
  ['{"tasks":{}}', 'tasks'],
  [`{"tasks":[${task},null]}`, 'task 2'],
  [`{"tasks":[${task}],"claims":[]`, 'not JSON'],
  [`{"tasks":[${task},{"kind":"k"}],"claims":[]}`, 'task 2'],
  [`{"tasks":[${task},{"id":"b"}],"claims":[]}`, 'task 2'],
  [`{"tasks":[${task},{"id":"b","kind":"k","status":"weird"}],"claims":[]}`, 'task 2: status'],
  [`{"tasks":[${task},{"id":"b","kind":"k","nope":1}],"claims":[]}`, 'nope'],
  [`{"tasks":[${task},{"id":"b c","kind":"k"}],"claims":[]}`, 'task 2: id'],
  [`{"tasks":[${task},{"id":"b","kind":"k","__proto__":{"kind":"z"}}],"claims":[]}`, '__proto__'],
  [`{"tasks":[${task}],"claims":[],"extra":1}`, 'extra'],
  [`{"tasks":[${task}],"tasks":[]}`, 'tasks'],
  [`{"tasks":[${task}],"claims":[{"worker":"w","task_id":"ghost"}]}`, 'ghost'],
  [`{"tasks":[${task}],"claims":[{"worker":"w w","task_id":"good"}]}`, 'claim 1: worker'],
  // Two workers hold the same task.
  [`{"tasks":[${task}],"claims":[{"worker":"ann","task_id":"good"},{"worker":"bob","task_id":"good"}]}`, 'good'],
  ['{"tasks":[{"id":"b","kind":"k","status":"blocked"}],"claims":[{"worker":"w","task_id":"b"}]}', 'b is blocked'],
  ['{"tasks":[{"id":"a","status":"done","deps":["b"]},{"id":"b"}]}', 'a is done'],
  ['{"tasks":[{"id":"a","status":"pending"},{"id":"b","deps":"a"}]}', 'task 2: deps'],
  [`${good}{"kind":"k","task_id":"b"`, 'line 2'],
  [`${good}\n[1]\n`, 'line 3'],
  ['{"tasks":[{"id":"b","kind":"k","payload":9007199254740993}],"claims":[]}', '9007199254740993'],
]

const words = ['import', 'input.json']

const badImports: ReadonlyArray<RefusedCommand> = [
  ...badFiles.map(([file, messagePart]) => ({ words, file, messagePart, exit: 2, error: 'bad_input' })),
  { words, file: Buffer.from([0xff, 0xfe, 0x7b, 0x00]), exit: 2, error: 'bad_input', messagePart: 'UTF-8' },
  { words: ['import', '-'], input: '{', exit: 2, error: 'bad_input' },
  { words: ['import', 'input.json', '--kind', 'k k'], file: '[{"id":"a"}]', exit: 2, error: 'bad_input' },
  { words, file: '[{"id":"a","deps":["ghost"]}]', exit: 5, error: 'unknown_task', messagePart: 'ghost' },
  { words, file: '[{"id":"a","deps":["b"]},{"id":"b","deps":["a"]}]', exit: 6, error: 'needs_cycle' },
  { words, file: `{"tasks":[${task},{"id":"free","kind":"z"}],"claims":[]}`, exit: 6, error: 'task_exists' },
  { words, file: `{"tasks":[${task},{"id":"good","kind":"z"}],"claims":[]}`, exit: 6, error: 'task_exists' },
]

/** Every command that is invalid in any workspace. */
export const badInput: ReadonlyArray<RefusedCommand> = [
  ...wrongUsage,
  ...wrongUsageOfOperators,
  ...noWorkspace,
  ...badNames,
  ...badValues,
  ...badOperatorValues,
  ...badBatches,
  ...badImports,
]
