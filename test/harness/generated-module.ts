// Writes Python modules of functions of all kinds that call each other, and note by themselves what happens in them: the
// truth that a trace is held against. `test/programs/generated.py` runs them, and gives them `note` and its like.

/** What a test can set probes on. There is always a function `f0`, with the parameters `n` and `k`. */
export interface GeneratedModule {
  readonly name: string
  readonly source: string
  /** Lines that note themselves, with `n` and `x`, each time they are reached. */
  readonly lines: readonly number[]
  /** Full names of those that know their `n` only when they run. */
  readonly properties: readonly string[]
}

type Kind = (typeof KINDS)[number]

interface Made {
  readonly name: string
  readonly kind: Kind
}

const KINDS = [
  ...(['plain', 'plain', 'method', 'static', 'class', 'property', 'decorated'] as const),
  ...(['generator', 'generator', 'bare generator', 'coroutine', 'coroutine', 'async generator'] as const),
]
const SIGNATURES = ['n, k', 'n, k=1, *rest', 'n, /, k, *, flag=True', 'n, k, **more']
const METHODS: readonly Kind[] = ['method', 'static', 'class', 'property']
const DECORATORS: Partial<Record<Kind, string>> = {
  static: '@staticmethod',
  class: '@classmethod',
  property: '@property',
  decorated: '@kept',
}
const FUNCTIONS = 22

/** The same module for the same seed. */
export function generateModule(name: string, seed: number): GeneratedModule {
  return new Writer(name, new Random(seed)).write()
}

/** Numbers that a seed determines (mulberry32). */
class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }
}

class Writer {
  readonly #name: string
  readonly #random: Random
  readonly #text: string[] = []
  readonly #lines: number[] = []
  readonly #made: Made[] = []
  #indent = 0
  #nested = 0

  constructor(name: string, random: Random) {
    this.#name = name
    this.#random = random
  }

  write(): GeneratedModule {
    this.#line('globals().update(truth)')
    this.#block('class Odd(ValueError):', () => this.#line('pass'))
    const kinds = Array.from({ length: FUNCTIONS }, (_, index) => (index === 0 ? 'plain' : this.#random.pick(KINDS)))
    // The class comes first, as its methods call nothing that is written before them.
    this.#block('class Thing:', () => {
      this.#block('def __init__(self, n, k):', () => {
        this.#line(`note("enter", "${this.#name}.Thing.__init__", n, k)`)
        this.#line('self.n = n')
        this.#line('self.k = k')
        this.#line(`note("leave", "${this.#name}.Thing.__init__", n, None)`)
      })
      for (const [index, kind] of kinds.entries()) if (METHODS.includes(kind)) this.#function(kind, `m${index}`)
    })
    for (const [index, kind] of kinds.entries()) if (!METHODS.includes(kind)) this.#function(kind, `f${index}`)
    const named = (...wanted: Kind[]) => this.#made.filter(({ kind }) => wanted.includes(kind)).map(({ name }) => name)
    this.#line(`FUNCTIONS = ${JSON.stringify(named('plain', 'decorated'))}`)
    this.#line(`COROUTINES = ${JSON.stringify(named('coroutine'))}`)
    const properties = named('property').map((name) => `${this.#name}.Thing.${name}`)
    return { name: this.#name, source: `${this.#text.join('\n')}\n`, lines: this.#lines, properties }
  }

  #function(kind: Kind, name: string): void {
    const inClass = METHODS.includes(kind)
    const full = `${this.#name}.${inClass ? 'Thing.' : ''}${name}`
    const decorator = DECORATORS[kind]
    if (decorator !== undefined) this.#line(decorator)
    this.#block(`${this.#head(kind, name)}:`, () => {
      if (kind === 'property') this.#line('n, k = self.n, self.k')
      this.#line(`note("enter", "${full}", n, k)`)
      this.#line('x = k % 5')
      if (kind === 'bare generator') this.#yields(full)
      else {
        this.#block('try:', () => this.#body(kind, full))
        this.#block('except BaseException as error:', () => {
          this.#line(`note("unwind", "${full}", n, type(error).__name__)`)
          this.#line('raise')
        })
      }
    })
    this.#made.push({ name, kind })
  }

  #head(kind: Kind, name: string): string {
    const first = kind === 'method' || kind === 'property' ? 'self' : kind === 'class' ? 'cls' : undefined
    const rest = {
      property: undefined,
      coroutine: 'n, k, chain',
      'async generator': 'n, k, chain',
      generator: 'n, k, above=()',
      'bare generator': 'n, k, above=()',
    }
    const own = kind in rest ? rest[kind as keyof typeof rest] : this.#random.pick(SIGNATURES)
    const parameters = [first, own].filter((one) => one !== undefined).join(', ')
    const isAsync = kind === 'coroutine' || kind === 'async generator'
    return `${isAsync ? 'async ' : ''}def ${name}(${parameters})`
  }

  #body(kind: Kind, full: string): void {
    if (kind === 'coroutine' || kind === 'async generator') this.#line(`chain = (*chain, ("${full}", n))`)
    const count = 2 + this.#random.below(4)
    for (let index = 0; index < count; index++) this.#statement(kind, full, 2)
    if (kind === 'generator') {
      const [inner] = this.#callable('generator')
      if (inner !== undefined) {
        this.#block('if go():', () => this.#line(`yield from ${inner}(serial(), k + 1, (("${full}", n), *above))`))
      }
      this.#yields(full)
    } else if (kind === 'async generator') this.#asyncYields(full)
    else this.#line(`return end("${full}", n, [n, x])`)
  }

  /** What a generator is for; it ends with its value. */
  #yields(full: string): void {
    this.#block(`for i in range(${1 + this.#random.below(3)}):`, () => {
      this.#line(`note("yield", "${full}", n, [n, i])`)
      this.#line('for one in above: note("yield", *one, [n, i])')
      this.#line('got = yield [n, i]')
      this.#line('for one in reversed(above): note("resume", *one)')
      this.#line(`note("resume", "${full}", n)`)
      this.#mark()
    })
    this.#line(`return end("${full}", n, [n, x])`)
  }

  #asyncYields(full: string): void {
    this.#block(`for i in range(${1 + this.#random.below(3)}):`, () => {
      if (this.#random.below(2) === 0) this.#line('await pause(chain)')
      this.#line(`note("yield", "${full}", n, [n, i])`)
      this.#line('yield [n, i]')
      this.#line(`note("resume", "${full}", n)`)
      this.#mark()
    })
    this.#line(`end("${full}", n, None)`)
  }

  #statement(kind: Kind, full: string, depth: number): void {
    const inner = (): void => this.#statement(kind, full, depth - 1)
    const simple = [
      () => this.#line(`x = (x * 3 + ${this.#random.below(9)}) % 1000`),
      () => this.#mark(),
      () => this.#markOverLines(),
      () => this.#raise(full),
      () => this.#lambda(full),
      () => this.#nestedFunction(full),
      () => this.#genexpr(full),
      () => this.#call(kind),
      () => this.#call(kind),
      ...(kind === 'plain' ? [() => this.#callItself(full)] : []),
      ...(kind === 'coroutine' ? [() => this.#line('await pause(chain)'), () => this.#await()] : []),
    ]
    const compound = [
      () => this.#block(`for j${depth} in range(${this.#random.below(3)}):`, inner),
      () => {
        this.#block('if (x + k) % 2:', inner)
        this.#block('else:', inner)
      },
      () => {
        this.#block('try:', inner)
        this.#block(
          this.#random.pick(['except ValueError:', 'finally:', 'except (LookupError, ArithmeticError):']),
          inner,
        )
      },
      () =>
        this.#block('match [k % 3, x]:', () => {
          this.#block('case [0, _]:', inner)
          this.#block('case _:', inner)
        }),
      () => {
        this.#line(`y${depth} = x % 3`)
        this.#block(`while y${depth}:`, () => {
          this.#line(`y${depth} -= 1`)
          inner()
        })
      },
    ]
    this.#random.pick(depth === 0 ? simple : [...simple, ...compound])()
  }

  /** A line that notes itself. */
  #mark(): void {
    const number = this.#line(`note("line", "${this.#name}.py", n, ${this.#text.length + 1}, x)`)
    this.#lines.push(number)
  }

  /** A statement over three lines, to whose first Python comes back. */
  #markOverLines(): void {
    const number = this.#line(`note("line", "${this.#name}.py", n,`)
    this.#line(`    ${number},`)
    this.#line('    x)')
    this.#lines.push(number)
  }

  #raise(full: string): void {
    const kind = this.#random.pick(['ValueError', 'Odd', 'KeyError'])
    this.#block(`if (x + k) % ${2 + this.#random.below(4)} == 0:`, () => {
      this.#line(`note("raise", "${full}", n, "${kind}")`)
      this.#line(`raise ${kind}(n)${this.#random.pick(['', ' from None'])}`)
    })
  }

  #lambda(full: string): void {
    this.#line(
      `x = (lambda m, v: note("enter", "${full}.<lambda>", m, v) or end("${full}.<lambda>", m, [m, v + 1]))(serial(), x)[1]`,
    )
  }

  /** It shares a variable with the function around it. */
  #nestedFunction(full: string): void {
    const name = `inner${this.#nested++}`
    this.#block(`def ${name}(n, by):`, () => {
      this.#line(`note("enter", "${full}.${name}", n, by)`)
      this.#block('if by == 2:', () => {
        this.#line(`note("raise", "${full}.${name}", n, "ValueError")`)
        this.#line(`note("unwind", "${full}.${name}", n, "ValueError")`)
        this.#line('raise ValueError(n)')
      })
      this.#line(`return end("${full}.${name}", n, [n, k + by])`)
    })
    this.#block('try:', () => this.#line(`x = ${name}(serial(), x % 4)[1]`))
    this.#block('except ValueError as problem:', () => this.#line('x = len(problem.args)'))
  }

  #genexpr(full: string): void {
    this.#line(`note("enter", "${full}.<genexpr>", n, x)`)
    this.#line('x = sum(one * x for one in range(3)) % 1000')
  }

  /** Functions that have been written already, and can be seen from here. */
  #callable(...kinds: readonly Kind[]): string[] {
    const seen = this.#made.filter(({ kind }) => kinds.includes(kind))
    const before: Partial<Record<Kind, string>> = {
      method: 'Thing(serial(), k).',
      static: 'Thing.',
      class: 'Thing.',
      property: 'Thing(serial(), k).',
    }
    const names = seen.map(({ kind, name }) => `${before[kind] ?? ''}${name}`)
    return names.length === 0 ? [] : [this.#random.pick(names)]
  }

  #callItself(full: string): void {
    const name = full.slice(this.#name.length + 1)
    this.#block('if x % 2 and go():', () => this.#line(`x = ${name}(serial(), k + 1)[1]`))
  }

  #call(from: Kind): void {
    const [callee] = this.#callable(
      ...KINDS.filter((kind) => !kind.includes('coroutine') && kind !== 'async generator'),
    )
    const made = this.#made.find(({ name }) => callee?.endsWith(name))
    if (callee === undefined || made === undefined) return void this.#line('pass')
    this.#block('if go():', () => {
      if (made.kind === 'property') this.#line(`x = ${callee}[1]`)
      else if (made.kind.endsWith('generator')) this.#consume(callee, made.kind)
      else this.#line(`x = ${callee}(serial(), k + ${this.#random.below(3)})[1]`)
    })
    if (from === 'property') this.#line('x += 1')
  }

  #consume(callee: string, kind: Kind): void {
    const make = `${callee}(m := serial(), k)`
    // One without a `try` of its own cannot note that it is closed.
    const closed =
      kind === 'generator' ? [] : [() => this.#line(`note("unwind", "${this.#name}.${callee}", m, "GeneratorExit")`)]
    const thrown = [
      () => this.#block('try:', () => this.#line('it.throw(LookupError(n))')),
      () => this.#block('except LookupError:', () => this.#line('x += 1')),
    ]
    const ways = [
      [() => this.#line(`x += len(list(${make}))`)],
      [() => this.#line(`for one in ${make}: x += one[1]`)],
      [() => this.#line(`it = ${make}`), () => this.#line('next(it, None)'), ...closed, () => this.#line('it.close()')],
      [() => this.#line(`it = ${make}`), () => this.#line('next(it, None)'), ...closed, () => this.#line('del it')],
      ...(kind === 'generator'
        ? [
            [() => this.#line(`next(${make}, None)`)],
            [() => this.#line(`it = ${make}`), () => this.#line('next(it, None)'), ...thrown],
          ]
        : []),
    ]
    for (const write of this.#random.pick(ways)) write()
  }

  #await(): void {
    const [inner] = this.#callable('coroutine', 'async generator')
    const kind = this.#made.find(({ name }) => name === inner)?.kind
    if (inner === undefined) return void this.#line('await pause(chain)')
    this.#block('if go():', () => {
      const call = `${inner}(serial(), k + 1, chain)`
      if (kind === 'coroutine') this.#line(`x = (await ${call})[1]`)
      else {
        this.#block(`async for one in ${call}:`, () => {
          this.#line('x += one[1]')
          if (this.#random.below(3) === 0) this.#line('break')
        })
      }
    })
  }

  #block(head: string, write: () => void): void {
    this.#line(head)
    this.#indent += 4
    write()
    this.#indent -= 4
  }

  /** Returns the number of the line. */
  #line(text: string): number {
    this.#text.push(' '.repeat(this.#indent) + text)
    return this.#text.length
  }
}
