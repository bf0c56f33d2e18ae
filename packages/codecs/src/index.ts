/** Codecs of io-ts that claimlog is written with: records that keep what they do not know, JSON, lists, and what a codec takes as JSON Schema. */
export { codecSchema, isDescribed, isRecord, type Refer } from './codec-schema.ts'
export { explainErrors } from './explain-errors.ts'
export {
  defined,
  type Described,
  ExactJson,
  isObject,
  isSameJson,
  Json,
  JsonObject,
  type JsonSchema,
  listOf,
  maxJsonDepth,
  type OrNull,
  orNull,
  refined,
  Text,
  wholeNumber,
} from './json.ts'
export { closedRecord, lazyClosedRecord, record, type RecordCodec } from './record.ts'
