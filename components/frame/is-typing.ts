const fields = 'input, textarea, select, [role="menu"], [role="dialog"]'
const fieldsAndLists = `${fields}, [role="listbox"]`

/** Letters belong to whatever is being typed into, or to the menu, list or dialog that is open. */
export function isTyping(event: KeyboardEvent, { listsTakeLetters = true } = {}): boolean {
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  return target.closest(listsTakeLetters ? fieldsAndLists : fields) !== null
}
