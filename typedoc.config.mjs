import { entries } from './packages/claimlog/build/entries.mjs'
import { typePath } from './packages/claimlog/build/types.mjs'

/**
 * The API documentation of the library, built from its published types. Every type that they reference must be in it.
 */
export default {
  name: 'claimlog',
  entryPoints: entries.map(typePath),
  tsconfig: 'tsconfig.docs.json',
  readme: 'packages/client/README.md',
  out: 'dist/api',
  disableSources: true,
  hideGenerator: true,
  // Sources of derived types: the codecs of stored records, all commands, all events.
  intentionallyNotExported: ['eventCodecs', 'SchemaCodec', 'RecordCodec', 'CommandInput', 'DocumentCodec'],
  // Constants of the rules that the texts mention; they are not part of the library.
  externalSymbolLinkMappings: {
    claimlog: Object.fromEntries(
      ['explainedGuardsMax', 'explainedTasksMax', 'jsonDepthMax', 'lostClaimsMax', 'unfinishedIdsMax'].map(name => [
        name,
        '#',
      ]),
    ),
  },
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ['Class', 'Interface', 'TypeAlias', 'Function', 'Variable', 'Method'],
  treatWarningsAsErrors: true,
}
