/** The topics of `claimlog help` that are not commands, with their descriptions. */
export const topics = {
  'exit-codes': 'Exit codes, and the error codes behind each',
  environment: 'Variables that claimlog reads, and those that it sets for commands',
  'log-format': 'Format of events.jsonl',
} as const

export type Topic = keyof typeof topics
