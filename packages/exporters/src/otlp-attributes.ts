import { msOf, type Time } from '@claimlog/domain'

type AnyValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly arrayValue: { readonly values: ReadonlyArray<AnyValue> } }

/** An attribute as OTLP/JSON has it: 64-bit numbers as strings. */
export type OtlpAttribute = { readonly key: string; readonly value: AnyValue }

/** What an attribute can be made of; undefined: there is none. */
export type Attributes = Readonly<Record<string, string | number | ReadonlyArray<string> | undefined>>

const valueOf = (value: string | number | ReadonlyArray<string>): AnyValue => {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'number') return { intValue: String(value) }
  return { arrayValue: { values: value.map(stringValue => ({ stringValue })) } }
}

/** The attributes that have a value. */
export const attributesOf = (attributes: Attributes): ReadonlyArray<OtlpAttribute> =>
  Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: valueOf(value) }]))

/** A moment in nanoseconds since the epoch, as the string that JSON needs for 64 bits. */
export const nanosOf = (time: Time): string => {
  const ms = msOf(time)
  return ms > 0 ? `${ms}000000` : '0'
}
