import { publishedTypes } from './packages/client/published-entries.mjs'

/** The documentation of the library, made from the types that are published: what they name must be in it too. */
export default {
  name: '@claimlog/client',
  entryPoints: publishedTypes,
  tsconfig: 'tsconfig.docs.json',
  readme: 'packages/client/README.md',
  out: 'dist/api',
  disableSources: true,
  hideGenerator: true,
  // What types are derived from: the codecs of what is stored, all commands, all events.
  intentionallyNotExported: ['eventCodecs', 'Described', 'RecordCodec', 'Order', 'Named'],
  // Values of the rules that sentences name; they are no part of the library.
  externalSymbolLinkMappings: {
    '@claimlog/client': Object.fromEntries(
      ['GuardsExplained', 'JsonDepth', 'LostClaims', 'StillNamed', 'TasksExplained'].map(of => [`max${of}`, '#']),
    ),
  },
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ['Class', 'Interface', 'TypeAlias', 'Function', 'Variable', 'Method'],
  treatWarningsAsErrors: true,
}
