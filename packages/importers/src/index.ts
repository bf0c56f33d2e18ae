/** The formats that can be imported, and the NDJSON reader. The readers of other tools' files are in `./read-files`. */
export { importFormats } from './import-formats.ts'
export { readNdjson } from './ndjson.ts'
