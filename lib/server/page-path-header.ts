/** Set by the web server from the request line; whatever a client sends under this name is overwritten. */
export const pagePathHeader = 'x-finetunelab-path'
