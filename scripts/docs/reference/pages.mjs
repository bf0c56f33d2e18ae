// The generated pages of docs/reference.
import { renderCommands } from './commands-page.mjs'
import { renderDefaults, renderValues, renderVariables } from './configuration-page.mjs'
import { renderErrors } from './errors-page.mjs'
import { renderEvents } from './format-page.mjs'
import { renderDocuments } from './json-page.mjs'
import { renderLibrary } from './library-pages.mjs'
import { renderMcp } from './mcp-page.mjs'
import { replaceParts } from './parts.mjs'

/** The text of each generated page, by its path in docs/reference. */
export const renderPages = async () =>
  new Map([
    ['commands.md', renderCommands()],
    [
      'configuration.md',
      replaceParts('configuration.md', {
        defaults: renderDefaults(),
        variables: renderVariables(),
        values: renderValues(),
      }),
    ],
    ['exit-codes-and-errors.md', renderErrors()],
    ['format.md', replaceParts('format.md', { events: renderEvents() })],
    ['json.md', replaceParts('json.md', { documents: renderDocuments() })],
    ['mcp.md', renderMcp()],
    ...(await renderLibrary()),
  ])
