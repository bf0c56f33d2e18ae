/** Reads the files that can be imported: an entry of its own, as a Markdown parser comes with it that workers need not load. */
export { importReport } from './import-report.ts'
export { readImport } from './read-import.ts'
