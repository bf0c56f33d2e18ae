/** All readers. A separate entry point, as it loads a Markdown parser that workers do not need. */
export { reportImport, type ImportReport } from './import-report.ts'
export { type ImportedFile, readImport } from './read-import.ts'
