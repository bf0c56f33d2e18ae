/** What `claimlog help` tells beside the commands, by its name. */
export const topics = {
  'exit-codes': 'what each exit code means, and the error words that have it',
  environment: 'the variables that claimlog reads, and those that a command run by it finds',
  'log-format': 'what a line of events.jsonl says',
} as const

export type Topic = keyof typeof topics
