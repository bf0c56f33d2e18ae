import { wrapText } from './wrap-text.ts'

/** Paragraphs that help shows after the options of a command. */
export const notes: Readonly<Record<string, ReadonlyArray<string>>> = {
  init: [
    'A copy of a workspace has the same id, so claimlog takes its log for the original. --from turns it into a new workspace: a new id, the same events, a new hash on every line. If DIR is the copy itself, its old log is kept next to the new one. Tokens continue where the copy ends, so a resource that is fenced by tokens must not be shared with the other workspace.',
  ],
  work: [
    '{id} and {kind} in the arguments are replaced by those of the task. The environment of the command contains CLAIMLOG_TASK_ID, CLAIMLOG_KIND, CLAIMLOG_ATTEMPT, CLAIMLOG_WORKER, CLAIMLOG_TOKEN, CLAIMLOG_LEASE and CLAIMLOG_DIR or, for a log on a server, CLAIMLOG_LOG, so that claimlog renew --progress …, note and add need no worker, task id, --dir or --log, and CLAIMLOG_RESULT, a file for the result, JSON or text.',
    'Output of commands goes to stdout and stderr unchanged; messages of the worker go to stderr. With --json the events of the worker go to stdout, and all output of commands goes to stderr.',
    'Exit codes: 9 if a task that it ran failed for good, 10 if one was cancelled, 130 after Ctrl-C, 141 if its output is no longer read. If a command cannot be started (no space in TMPDIR, too many processes), its task is released and no attempt is counted; after five such failures in a row the worker exits with 1.',
    'The first Ctrl-C or SIGTERM stops the worker after its running commands; the second stops them and releases their tasks.',
  ],
  mcp: [
    'claimlog setup writes the configuration of an agent. The server renews its claims while it runs and exits when its stdin closes; other workers can claim its tasks once their leases have expired.',
  ],
  repair: [
    'If git merged two copies of a log, it has two sides. It is then not truncated: each side is written to a separate file, the log continues with the side given by --keep, and claimlog reconcile brings over the work of the other.',
  ],
  move: [
    'Every line is copied as it is: tasks, tokens, leases and the history stay the same. Workers can go on meanwhile; once the old log has its last event, `moved`, it refuses every order and says where the log is, and programs that do not know that event stop. Interrupted at any moment, run it again. A log in a file moves to another directory with that directory: use mv.',
  ],
  reconcile: [
    'This log is only appended to. Tasks that only the other copy has are added; tasks that it completed and that are open here are claimed and completed in the name of the same worker; all its other events become notes. Running it again changes nothing. Rules of kinds (pause, resume, limit) that only the other copy has are listed, not copied. Tokens that both copies granted are listed: check every resource that is fenced by them. If only the other copy has new events, its lines are appended unchanged.',
  ],
}

const columnsMax = 120

/** The notes on a command as text for a terminal, with an empty line before each; empty if it has none. */
export const formatNotes = (command: string): string =>
  (notes[command] ?? []).map(note => `\n${wrapText(note, columnsMax).join('\n')}`).join('\n')
