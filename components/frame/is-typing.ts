/** Letters belong to whatever is being typed into, or to the menu or dialog that is open. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  return target.closest('input, textarea, select, [role="menu"], [role="listbox"], [role="dialog"]') !== null
}
