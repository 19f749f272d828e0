/** A full load on purpose: nothing of the ended session stays in memory. */
export function goToLogin() {
  const { pathname, search } = window.location
  if (pathname === '/login') return
  window.location.assign(`/login?next=${encodeURIComponent(pathname + search)}`)
}

/** Only paths of our own; anything else could lead a person elsewhere after signing in. */
export function safeNext(next: string | null): string {
  if (!next?.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/datasets'
  return next.startsWith('/login') ? '/datasets' : next
}
