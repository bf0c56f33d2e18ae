/** Reads the files that can be imported: a bundle of its own, as only `import` needs it. */
export { importReport, readImport } from '@claimlog/importers/read-files'
