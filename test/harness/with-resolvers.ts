// Promise.withResolvers, for Node.js 20. What is told again and again, such as why a target is waited for when another
// thing keeps it, resolves such a promise once: what a test then does, it does once.

export function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
