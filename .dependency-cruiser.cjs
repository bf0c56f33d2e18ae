/** The layers of ARCHITECTURE.md: a package imports only packages below it, without cycles. */
const own = {
  codecs: [],
  domain: ['codecs'],
  wire: ['codecs', 'domain'],
  'event-log': [],
  'event-log-line': ['event-log'],
  'event-log-file': ['event-log', 'event-log-line'],
  'event-log-postgres': ['event-log', 'event-log-line'],
  checkpoint: ['domain'],
  exporters: ['codecs', 'domain', 'event-log-file', 'wire'],
}
own['queue-file'] = ['checkpoint', 'domain', 'event-log', 'event-log-file', 'wire']
own.discovery = ['event-log', 'event-log-file', 'queue-file']
own.workspace = ['checkpoint', 'codecs', 'discovery', 'domain', 'event-log', 'event-log-file', 'queue-file', 'wire']
own.messages = ['codecs', 'discovery', 'domain', 'event-log', 'event-log-file', 'queue-file', 'workspace', 'wire']
own.worker = ['codecs', 'domain', 'event-log', 'messages', 'workspace', 'wire']
own.importers = ['codecs', 'domain', 'wire', 'workspace']
own.reconcile = ['codecs', 'domain', 'event-log', 'event-log-file', 'messages', 'workspace']
own['agent-setup'] = ['discovery', 'event-log-file', 'messages', 'wire']
own['command-runner'] = ['codecs', 'domain', 'event-log-file', 'messages', 'worker', 'workspace', 'wire']
own.doctor = [
  'checkpoint',
  'discovery',
  'domain',
  'event-log',
  'event-log-file',
  'event-log-postgres',
  'messages',
  'queue-file',
  'wire',
  'workspace',
]
own.identity = ['discovery', 'domain', 'event-log-file', 'queue-file']
own.client = [
  'checkpoint',
  'codecs',
  'discovery',
  'domain',
  'event-log',
  'event-log-file',
  'event-log-postgres',
  'importers',
  'messages',
  'queue-file',
  'wire',
  'worker',
  'workspace',
]
own.mcp = ['client', 'codecs', 'wire']
own.cli = [
  'client',
  'wire',
  'mcp',
  'agent-setup',
  'command-runner',
  'doctor',
  'exporters',
  'identity',
  'importers',
  'reconcile',
]
own.bench = ['claimlog', 'client', 'event-log-postgres']

const libraries = {
  codecs: ['fp-ts', 'io-ts'],
  domain: ['fp-ts', 'io-ts'],
  wire: ['fp-ts', 'io-ts'],
  'event-log': ['fp-ts'],
  'event-log-line': ['fp-ts'],
  'event-log-file': ['fp-ts', 'fs-ext'],
  'event-log-postgres': ['fp-ts', 'pg'],
  checkpoint: [],
  exporters: ['fp-ts'],
  'queue-file': ['fp-ts'],
  discovery: ['fp-ts'],
  workspace: ['fp-ts', 'io-ts', 'jsonc-parser'],
  messages: ['fp-ts'],
  worker: ['fp-ts'],
  importers: [
    'fp-ts',
    'io-ts',
    'mdast-util-from-markdown',
    'mdast-util-gfm-task-list-item',
    'micromark-extension-gfm-task-list-item',
  ],
  reconcile: ['fp-ts'],
  'agent-setup': ['fp-ts', 'jsonc-parser', 'smol-toml'],
  'command-runner': ['fp-ts'],
  doctor: ['fp-ts'],
  identity: ['fp-ts'],
  client: ['fp-ts'],
  mcp: ['fp-ts', 'io-ts', '@modelcontextprotocol/server'],
  cli: ['fp-ts', 'commander', 'picocolors', 'fast-string-truncated-width'],
}

/** The only module that loads the codecs of documents: it publishes the schemas. */
const schemas = '^packages/wire/src/schemas/'

const layers = Object.entries(own).map(([name, below]) => ({
  name: `${name} imports only packages below it`,
  severity: 'error',
  from: { path: `^packages/${name}/src`, pathNot: '\\.test\\.ts$' },
  to: { path: '^packages/', pathNot: `^packages/(${[name, ...below].join('|')})/` },
}))

const dependencies = Object.entries(libraries).map(([name, allowed]) => ({
  name: `${name} uses only ${allowed.join(', ')}`,
  severity: 'error',
  from: { path: `^packages/${name}/src`, pathNot: ['\\.test\\.ts$', '/src/testing/'] },
  to: {
    dependencyTypesNot: ['core', 'local', 'type-only'],
    path: 'node_modules',
    pathNot: `node_modules/(${allowed.join('|')})/`,
  },
}))

module.exports = {
  forbidden: [
    { name: 'every import resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'workspace does not depend on the file log, except for its clock',
      severity: 'error',
      from: {
        path: '^packages/workspace/src/',
        pathNot: ['\\.test\\.ts$', '/src/machine-clock\\.ts$'],
      },
      to: { path: '^packages/event-log-file/' },
    },
    {
      name: 'the domain does no I/O',
      severity: 'error',
      from: { path: '^packages/(codecs|domain)/src', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only the code that stores or overlays the table of tasks imports it: other code calls queries',
      severity: 'error',
      from: {
        path: '^packages/',
        pathNot: ['^packages/(domain|checkpoint)/', '/workspace/src/current-state\\.ts$', '\\.test\\.ts$'],
      },
      to: { path: '^packages/domain/src/(table|state/)' },
    },
    {
      name: 'the command line loads separate bundles on demand',
      severity: 'error',
      from: { path: '^packages/(cli|client)/src', pathNot: '\\.test\\.ts$' },
      to: {
        path: [
          '^packages/(agent-setup|doctor|exporters|identity|mcp|reconcile)/src/index\\.ts$',
          '^packages/importers/src/read-files\\.ts$',
          '^packages/client/src/log/server-log\\.ts$',
        ],
        dependencyTypesNot: ['type-only', 'dynamic-import'],
      },
    },
    {
      name: 'shipped code imports no testing code',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: ['\\.test\\.ts$', '/src/testing/', '^packages/bench/'] },
      to: { path: '^(test|packages/.*/testing)/' },
    },
    {
      name: 'no file is named utils, common, helpers or types',
      severity: 'error',
      from: {},
      to: { path: '^(packages|test)/.*\\b(utils|common|helpers|types)\\.ts$' },
    },
    {
      name: 'only the publisher of the schemas imports the codecs of documents',
      severity: 'error',
      from: { path: '^packages/', pathNot: ['^packages/wire/src/documents/', schemas, '\\.test\\.ts$'] },
      to: { path: '^packages/wire/src/documents/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no package imports the publisher of the schemas',
      severity: 'error',
      from: { path: '^packages/', pathNot: schemas },
      to: { path: schemas },
    },
    ...layers,
    ...dependencies,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsConfig: { fileName: 'tsconfig.test.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['claimlog-source', 'import', 'require', 'node', 'default'],
    },
  },
}
