/** The io-ts codecs of claimlog: records that keep unknown fields, JSON, lists, and the JSON Schema of a codec. */
export { codecSchema, hasJsonSchema, isRecord, type ConvertCodec } from './codec-schema.ts'
export { explainErrors, listProblems } from './explain-errors.ts'
export {
  omitUndefined,
  type SchemaCodec,
  ExactJson,
  isObject,
  isSameJson,
  Json,
  JsonObject,
  type JsonSchema,
  listCodec,
  jsonDepthMax,
  type Nullable,
  nullable,
  refinedCodec,
  Text,
  wholeNumber,
} from './json.ts'
export { closedRecord, lazyClosedRecord, record, type RecordCodec, toCodeName, toWireName } from './record.ts'
