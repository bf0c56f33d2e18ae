/** Files that can be imported: their formats, NDJSON, and what was left out. The readers of other tools' files are in `./read-files`. */
export { type ImportFormat, importFormats } from './import-formats.ts'
export { type LeftOut, leftOutWords } from './left-out.ts'
export { readNdjson } from './ndjson.ts'
