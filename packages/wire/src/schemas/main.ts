/** Writes all schemas to the directory given as argument, and removes obsolete ones from it. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { schemaDocuments, schemaText } from './published-schemas.ts'

const ending = '.schema.json'

const [dir] = process.argv.slice(2)
if (dir === undefined) throw new TypeError('usage: main.ts DIRECTORY')

const schemas = schemaDocuments()
mkdirSync(dir, { recursive: true })
for (const file of readdirSync(dir))
  if (file.endsWith(ending) && !Object.hasOwn(schemas, file.slice(0, -ending.length))) rmSync(join(dir, file))
for (const [name, schema] of Object.entries(schemas)) writeFileSync(join(dir, `${name}${ending}`), schemaText(schema))
