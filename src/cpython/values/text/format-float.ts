// `repr()` of floats and complex numbers. Python and JavaScript find the same shortest digits; they differ in where an
// exponent begins and how it is written. Follows Python/pystrtod.c (format_float_short, 'r') and
// Objects/complexobject.c (complex_repr) at v3.14.0.

import type { Complex } from '../../objects/scalars/float.js'

/** `1.0`, `1e+16`, `1e-05`, `nan`, `-0.0`. */
export function formatFloat(value: number): string {
  const text = formatShort(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

/** A number of 32 bits by as few digits as tell it from its neighbours, with the limits of numpy for an exponent. */
export function formatFloat32(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatFloat(value)
  let digits = 1
  while (Math.fround(Number(value.toPrecision(digits))) !== value) digits++
  const size = Math.abs(value)
  if (size >= 1e-4 && size < 1e6) return formatFloat(Number(value.toPrecision(digits)))
  const [mantissa = '0', exponent = '0'] = value.toExponential(digits - 1).split('e')
  const power = exponent.slice(1).padStart(2, '0')
  return `${mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa}e${exponent[0]}${power}`
}

/** `(1+2j)`, `2j`, `(-0-2j)`. */
export function formatComplex({ real, imaginary }: Complex): string {
  if (Object.is(real, 0)) return `${formatShort(imaginary)}j`
  const text = formatShort(imaginary)
  return `(${formatShort(real)}${text.startsWith('-') ? '' : '+'}${text}j)`
}

/** Without the `.0` of a whole number. */
function formatShort(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf'
  const sign = value < 0 || Object.is(value, -0) ? '-' : ''
  const [mantissa = '0', exponent = '0'] = Math.abs(value).toExponential().split('e')
  return sign + place(mantissa.replace('.', ''), Number(exponent) + 1)
}

/** The digits with a decimal point behind the first `point` of them, or with an exponent where that is long. */
function place(digits: string, point: number): string {
  if (point > 16 || point <= -4) {
    const exponent = point - 1
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ''
    const sign = exponent < 0 ? '-' : '+'
    return `${digits[0]}${fraction}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`
  if (point >= digits.length) return digits.padEnd(point, '0')
  return `${digits.slice(0, point)}.${digits.slice(point)}`
}
