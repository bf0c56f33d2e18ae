/** Files that can be imported: their formats, NDJSON, and what was left out. The readers of other tools' files are in `./read-files`. */
export { importFormats } from './import-formats.ts'
export { readNdjson } from './ndjson.ts'
