/** The io-ts codecs of claimlog: records that keep unknown fields, JSON, lists, and the JSON Schema of a codec. */
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
