// The flags of our processes, for whoever starts one. No dependency: it is read before anything is installed.

export const nodeOptions = ['--disable-warning=ExperimentalWarning']

// What serves makes mostly short-lived objects. Sixteen megabytes for each half of the young ones, as by default, are
// 40 MB that stay resident, and no request is answered sooner for it.
export const serverOptions = [...nodeOptions, '--max-semi-space-size=4']

// Each thread of glibc gets a heap of its own, and a buffer that another thread frees stays in it: 60 MB that two heaps
// do not take, at the same speed. Read by glibc alone, when a process starts.
export const serverEnvironment = { MALLOC_ARENA_MAX: '2' }
