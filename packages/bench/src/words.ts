/** A number as people read it: grouped by thousands, three digits where it is small. */
export const plain = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)

/** `30,000/s` */
export const perSecond = (value: number): string => `${plain(value)}/s`

/** `80 %` */
export const percent = (share: number): string => `${Math.round(share * 100)} %`

/** `1.80 ×` */
export const times = (ratio: number): string => `${ratio.toFixed(2)} ×`
