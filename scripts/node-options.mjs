// The flags of our processes, for whoever starts one. No dependency: it is read before anything is installed.

export const nodeOptions = ['--disable-warning=ExperimentalWarning']

// What serves makes mostly short-lived objects. Sixteen megabytes for each half of the young ones, as by default, are
// 40 MB that stay resident, and no request is answered sooner for it.
export const serverOptions = [...nodeOptions, '--max-semi-space-size=4']
