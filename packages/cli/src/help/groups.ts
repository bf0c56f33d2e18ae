/** The commands by purpose, in the order in which help lists the groups. */
const commandGroups = {
  Queue: ['init', 'add', 'import', 'hold', 'unhold', 'cancel', 'retry', 'amend', 'note'],
  Claims: ['claim', 'complete', 'fail', 'renew', 'release', 'work', 'wait'],
  'Rules of kinds': ['pause', 'resume', 'limit'],
  Views: ['list', 'show', 'status', 'why', 'trace', 'diff'],
  'Coding agents': ['mcp', 'prime', 'setup'],
  'The log': ['replay', 'verify', 'doctor', 'repair', 'reconcile', 'tail', 'migrate', 'move'],
  'Other programs': ['export', 'metrics', 'completion', 'help'],
} as const satisfies Readonly<Record<string, ReadonlyArray<string>>>

/** The group of a command. */
export const findGroup = (command: string): string =>
  Object.entries(commandGroups).find(([, names]) => (names as ReadonlyArray<string>).includes(command))?.[0] ?? ''
