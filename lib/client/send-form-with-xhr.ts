import { apiHeaders } from './api-connection.ts'
import { aborted, unreachable } from './api-error.ts'
import type { FormSender } from './send-form.ts'

/** For browsers, where only XMLHttpRequest tells how many bytes have left. */
export const sendFormWithXhr: FormSender = (api, { url, form, headers, signal, onSent }) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted())
    const request = new XMLHttpRequest()
    const stop = () => request.abort()
    request.open('POST', url)
    for (const [name, value] of Object.entries(apiHeaders(api, headers)))
      request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => onSent?.(event.loaded, event.total)
    request.onload = () =>
      resolve({
        status: request.status,
        text: request.responseText,
        header: (name) => request.getResponseHeader(name),
      })
    request.onerror = () => reject(unreachable(undefined))
    request.onabort = () => reject(aborted())
    request.onloadend = () => signal?.removeEventListener('abort', stop)
    signal?.addEventListener('abort', stop, { once: true })
    request.send(form)
  })
