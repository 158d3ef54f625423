// `repr()` of floats and complex numbers. Python and JavaScript find the same shortest digits; they differ in where an
// exponent begins and how it is written. Follows Python/pystrtod.c (format_float_short, 'r') and
// Objects/complexobject.c (complex_repr) at v3.14.0.

import type { Complex } from '../objects/float.js'

/** `1.0`, `1e+16`, `1e-05`, `nan`, `-0.0`. */
export function formatFloat(value: number): string {
  const text = formatShort(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
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
