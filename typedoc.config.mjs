import { entries } from './packages/claimlog/build/entries.mjs'
import { typePath } from './packages/claimlog/build/types.mjs'

/**
 * The API documentation of the library, built from its published types. Every type that they reference must be in it.
 */
export default {
  name: 'claimlog',
  entryPoints: entries.map(typePath),
  tsconfig: 'tsconfig.docs.json',
  plugin: ['typedoc-plugin-markdown'],
  outputs: [{ name: 'markdown', path: 'docs/reference/library' }],
  readme: 'none',
  logLevel: 'Warn',
  // One page per entry.
  router: 'module',
  entryFileName: 'README',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  excludeExternals: true,
  excludeReferences: true,
  excludeInternal: true,
  parametersFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  disableSources: true,
  hideGenerator: true,
  // Sources of derived types: the codecs of stored records, all commands, all events.
  intentionallyNotExported: [
    ...['eventCodecs', 'SchemaCodec', 'RecordCodec', 'DocumentCodec', 'View', 'TaskView'],
    ...['ImportView', 'WriteResult', 'ImportFormatWord'],
    // Types of io-ts and fp-ts, which are copied.
    'claimlog/dist/types/io-ts/index.d.ts:TypeOf',
    ...['Either', 'Task', 'TaskEither'].map(name => `claimlog/dist/types/fp-ts/${name}.d.ts:${name}`),
  ],
  // Constants of the rules that the texts mention; they are not part of the library.
  externalSymbolLinkMappings: {
    claimlog: Object.fromEntries(
      [
        ...['explainedGuardsMax', 'explainedTasksMax', 'jsonDepthMax', 'lostClaimsMax', 'unfinishedIdsMax'],
        'withSystemError',
      ].map(name => [name, '#']),
    ),
  },
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ['Class', 'Interface', 'TypeAlias', 'Function', 'Variable', 'Method'],
  treatWarningsAsErrors: true,
}
