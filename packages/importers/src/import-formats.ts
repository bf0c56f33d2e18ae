import type { ImportFormat } from '@claimlog/wire'

/** The files that can be imported, by the names that `--from` takes, and what each is. */
export const importFormats: Readonly<Record<ImportFormat, string>> = {
  queue: 'a queue.json',
  'task-graph': 'the tasks.json of a task graph',
  ndjson: 'NDJSON',
  beads: "beads' issues.jsonl",
  'task-master': "Task Master's tasks.json",
  github: 'what gh issue list --json prints',
  markdown: 'a Markdown check list',
}
