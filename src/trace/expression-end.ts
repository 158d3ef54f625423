// Finds where a Python expression ends within a probe, without understanding it: behind an operand only an operator can
// go on. A word that is none, such as `snapshot` or `by`, belongs to the probe, and no word needs to be reserved.

/** The problem and where it is. */
export interface ExpressionProblem {
  readonly problem: string
  readonly at: number
}

const OPERATORS = new Set(['and', 'or', 'in', 'is', 'not', 'if', 'else'])
/** Words after which an operand must follow, as after a sign. */
const PREFIXES = new Set(['not', 'lambda', 'await', ...OPERATORS])
const SPACE = /\s+/y
const STRING =
  /(?:[rRbBuUfFtT]{0,2})(?:'''(?:[^\\]|\\[\s\S])*?'''|"""(?:[^\\]|\\[\s\S])*?"""|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")/y
const OPEN_STRING = /[rRbBuUfFtT]{0,2}['"]/y
const NUMBER = /(?:\d|\.\d)[\w.]*/y
const WORD = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

/**
 * Where the expression that begins at `start` ends: before a comma, a closing bracket or a word of the probe's.
 * White space before the end is not part of it.
 */
export function findExpressionEnd(text: string, start: number): number | ExpressionProblem {
  const open: { bracket: string; at: number }[] = []
  let at = start
  let end = start
  let operand = false
  while (at < text.length) {
    const space = matchAt(SPACE, text, at)
    if (space !== undefined) {
      at += space.length
      continue
    }
    const token = matchAt(STRING, text, at) ?? matchAt(NUMBER, text, at) ?? matchAt(WORD, text, at)
    if (token === undefined && matchAt(OPEN_STRING, text, at) !== undefined) {
      return { problem: 'this string does not end', at }
    }
    const sign = token ?? (text[at] as string)
    const isOperator = OPERATORS.has(sign)
    if (open.length === 0 && endsBefore(sign, { operand, isOperator, isToken: token !== undefined })) break
    if (sign in CLOSING) open.push({ bracket: sign, at })
    else if (')]}'.includes(sign)) {
      const opened = open.pop()
      if (opened === undefined || CLOSING[opened.bracket] !== sign)
        return { problem: `this ${sign} closes nothing`, at }
    }
    operand = token === undefined ? ')]}'.includes(sign) : !PREFIXES.has(sign)
    at += sign.length
    end = at
  }
  const unclosed = open.at(-1)
  if (unclosed !== undefined) return { problem: `this ${unclosed.bracket} is not closed`, at: unclosed.at }
  return end === start ? { problem: 'an expression is expected', at: Math.min(at, text.length) } : end
}

/** Whether a token outside of all brackets can be no part of the expression. */
function endsBefore(
  sign: string,
  { operand, isOperator, isToken }: { operand: boolean; isOperator: boolean; isToken: boolean },
): boolean {
  if (isToken) return operand && !isOperator
  return ',)]};'.includes(sign) || (sign === '{' && operand) || (sign === ':' && operand)
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}
