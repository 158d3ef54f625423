// Agents are real Python files; the build puts their text into the bundle.
declare module '*.py' {
  const source: string
  export default source
}
