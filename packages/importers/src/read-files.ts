/** Reads the files that can be imported: an entry of its own, as a Markdown parser comes with it that workers need not load. */
export { importReport, type ImportReport } from './import-report.ts'
export { type ImportRead, readImport } from './read-import.ts'
