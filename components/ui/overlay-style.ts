/** Everything that floats above the page looks the same: menus, lists, popovers. */
export const overlayStyle =
  'z-50 animate-fade rounded-md border bg-popover text-foreground shadow-raised outline-none'
