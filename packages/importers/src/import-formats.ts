import type { ImportFormat } from '@claimlog/wire'

/** The file formats that can be imported, by their names in `--from`, with a description for messages. */
export const importFormats: Readonly<Record<ImportFormat, string>> = {
  queue: 'a queue.json',
  'task-graph': "a task graph's tasks.json",
  ndjson: 'NDJSON',
  beads: "beads' issues.jsonl",
  'task-master': "Task Master's tasks.json",
  github: 'output of gh issue list --json',
  markdown: 'a Markdown checklist',
}
