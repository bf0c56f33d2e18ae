import { closeSync, openSync, readSync } from 'node:fs'

/** A parsed line of `events.jsonl`. */
export type SoakLogLine = {
  readonly seq: number
  readonly event: string
  readonly time: string
  readonly task_id?: string
  readonly worker?: string
  readonly kind?: string
  readonly payload?: { readonly does?: string }
  readonly max_attempts?: number
  readonly key?: string
  readonly attempt?: number
  readonly token?: number
  readonly progress?: unknown
  readonly result?: { readonly token?: number }
  readonly error?: string
  readonly retry_at?: string | null
  readonly reason?: string
}

/** Returns a function that reads the lines written to the log at `path` since the last call. */
export const createLogReader = (path: string): (() => ReadonlyArray<SoakLogLine>) => {
  let offset = 0
  return () => {
    const bytes = readAppended(path, offset)
    const length = bytes.lastIndexOf('\n') + 1
    offset += length
    return bytes
      .toString('utf8', 0, length)
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as SoakLogLine)
  }
}

const chunkBytes = 1024 * 1024

const readAppended = (path: string, offset: number): Buffer => {
  const file = openSync(path, 'r')
  try {
    const chunks: Array<Buffer> = []
    for (let position = offset; ;) {
      const chunk = Buffer.alloc(chunkBytes)
      const length = readSync(file, chunk, 0, chunkBytes, position)
      if (length === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, length))
      position += length
    }
  } finally {
    closeSync(file)
  }
}
