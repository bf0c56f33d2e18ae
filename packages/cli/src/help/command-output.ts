/** A published schema, and the arguments with which a command prints a document of it. */
type PrintedSchema = { readonly schema: string; readonly when?: string }

/** The output of a command in a sentence, and the schemas of its JSON. */
export type CommandOutputHelp = { readonly prints: string; readonly schemas: ReadonlyArray<PrintedSchema> }

const task: CommandOutputHelp = { prints: 'The task as JSON.', schemas: [{ schema: 'task' }] }
const rules: CommandOutputHelp = { prints: 'The rules of the kind as JSON.', schemas: [{ schema: 'rules' }] }

const endedClaim: CommandOutputHelp = {
  prints: 'The task as JSON; with --claim-next also the next task and its claim, or why there is none.',
  schemas: [{ schema: 'task' }, { schema: 'claim-next', when: '--claim-next' }],
}

/** A document that is text for people unless `--json` is given. */
const view = (schema: string, prints: string): CommandOutputHelp => ({ prints, schemas: [{ schema, when: '--json' }] })

/** The output of each command. */
export const commandOutput: Readonly<Record<string, CommandOutputHelp>> = {
  init: { prints: 'The id and the directory of the workspace as JSON.', schemas: [{ schema: 'init' }] },
  add: {
    prints: 'The task as JSON; with - a list of tasks.',
    schemas: [{ schema: 'add' }, { schema: 'add-many', when: '-' }],
  },
  import: { prints: 'Counts and the imported tasks as JSON.', schemas: [{ schema: 'import' }] },
  claim: {
    prints: 'The task and its claim as JSON; with --count a list of tasks with their claims.',
    schemas: [{ schema: 'claim' }, { schema: 'claim-count', when: '--count' }],
  },
  complete: endedClaim,
  fail: endedClaim,
  renew: task,
  release: task,
  hold: task,
  unhold: task,
  cancel: task,
  retry: task,
  amend: task,
  note: task,
  pause: rules,
  resume: rules,
  limit: rules,
  wait: { prints: 'The tasks as JSON, once all are finished.', schemas: [{ schema: 'wait' }] },
  work: {
    prints: 'The output of the commands; with --json a line of JSON for each event of the worker.',
    schemas: [{ schema: 'work-event', when: '--json' }],
  },
  mcp: { prints: 'Messages of the Model Context Protocol.', schemas: [] },
  prime: view('prime', 'The briefing as text.'),
  setup: {
    prints: 'The files that were written or changed; without an agent, the supported agents.',
    schemas: [
      { schema: 'setup', when: '<agent> --json' },
      { schema: 'setup-agents', when: '--json' },
    ],
  },
  list: view('list', 'A table with one row per task.'),
  show: view('show', 'All fields of the task.'),
  status: view('status', 'A table with one row per kind, and the claims.'),
  why: view('why', 'Each reason why the task cannot be claimed, and what clears it.'),
  trace: view('trace', 'A timeline of the attempts, then each step.'),
  diff: view('diff', 'What was added, removed and changed.'),
  replay: {
    prints: 'The number of events and tasks; with --at the queue.json of that time.',
    schemas: [
      { schema: 'replay', when: '--json' },
      { schema: 'queue', when: '--at' },
    ],
  },
  verify: view('verify', 'The number of events and the last hash.'),
  doctor: view('doctor', 'The result of each check, and a fix for what is wrong.'),
  repair: view('repair', 'What is damaged, what is kept and what is cut off.'),
  reconcile: view('reconcile', 'What only one of the copies has, and each step to bring it over.'),
  migrate: {
    prints: 'The SQL, in one transaction if it is run with psql -1.',
    schemas: [{ schema: 'migrate', when: '--json' }],
  },
  move: view('move', 'Where the log is now, and what no longer accepts events.'),
  tail: { prints: 'The lines of events.jsonl.', schemas: [{ schema: 'event' }] },
  export: {
    prints: 'The export in the requested format.',
    schemas: [
      { schema: 'export', when: 'json' },
      { schema: 'event', when: 'log' },
    ],
  },
  metrics: view('metrics', 'OpenMetrics text.'),
  completion: view('completion', 'The script.'),
  help: {
    prints: 'The help as text.',
    schemas: [
      { schema: 'help', when: '--json' },
      { schema: 'help-command', when: '<command> --json' },
      { schema: 'exit-codes', when: 'exit-codes --json' },
      { schema: 'environment', when: 'environment --json' },
      { schema: 'log-format', when: 'log-format --json' },
    ],
  },
}
