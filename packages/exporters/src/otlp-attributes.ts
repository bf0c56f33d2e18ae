import { timeToMs, type Time } from '@claimlog/domain'

type AnyValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly arrayValue: { readonly values: ReadonlyArray<AnyValue> } }

/** An attribute in OTLP/JSON, where 64-bit numbers are strings. */
export type OtlpAttribute = { readonly key: string; readonly value: AnyValue }

/** Attribute values by key; undefined: the attribute is left out. */
export type Attributes = Readonly<Record<string, string | number | ReadonlyArray<string> | undefined>>

const encodeValue = (value: string | number | ReadonlyArray<string>): AnyValue => {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'number') return { intValue: String(value) }
  return { arrayValue: { values: value.map(stringValue => ({ stringValue })) } }
}

/** Encodes the attributes that have a value. */
export const encodeAttributes = (attributes: Attributes): ReadonlyArray<OtlpAttribute> =>
  Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: encodeValue(value) }],
  )

/** Converts a time to nanoseconds since the epoch, as a string because JSON numbers do not hold 64 bits. */
export const toNanos = (time: Time): string => {
  const ms = timeToMs(time)
  return ms > 0 ? `${ms}000000` : '0'
}
