// The page's beginning: unpacks the payload and shows it.

import { render } from 'preact'
import { App } from './app.js'
import { readPayload } from './payload.js'
import { toModel } from './profile-model.js'

const home = document.getElementById('app') as HTMLElement
const payload = document.getElementById('payload') as HTMLElement

readPayload(payload.textContent ?? '').then(
  (unpacked) => {
    home.textContent = ''
    payload.remove()
    render(<App model={toModel(unpacked)} />, home)
  },
  (error: unknown) => {
    home.textContent = `This page cannot be read: ${error}. It needs a browser of 2023 or later.`
  },
)
