/** All readers. A separate entry point, as it loads a Markdown parser that workers do not need. */
export { importReport, type ImportReport } from './import-report.ts'
export { type ImportRead, readImport } from './read-import.ts'
