// `import template from './page/index.html'` is the whole page, built: see scripts/build/page.mjs.
declare module '*/page/index.html' {
  const template: string
  export default template
}
