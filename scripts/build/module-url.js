// What `import.meta.url` is in the CommonJS bundle of the command line.
export const __moduleUrl = require('node:url').pathToFileURL(__filename).href
