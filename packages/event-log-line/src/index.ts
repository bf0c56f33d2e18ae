/** The lines of an event log: their text, their hash chain and their decisions. */
export type { EventCodec } from './event-codec.ts'
export { type DamageReport, type DecisionReader, type LineFailure, openDecisionReader } from './decision-reader.ts'
export { encodeDecision, type EncodedLines } from './encode-decision.ts'
export {
  damageFailure,
  describeChainBreak,
  encodeLine,
  isChained,
  isContinued,
  lineBytesMax,
  lostLinesFailure,
  type LogPosition,
  parseLine,
  readHash,
  sliceHash,
  startOfLog,
  stripHash,
} from './line.ts'
export { loadCrypto } from './load-crypto.ts'
export { preferNativeHash, sha256Hex } from './sha256.ts'
export { storedLineCodec, type StoredLine } from './stored-line.ts'
