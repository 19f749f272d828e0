import { toast } from 'sonner'

/**
 * Puts text on the clipboard, also over plain http where `navigator.clipboard` is absent. False when the browser refuses,
 * which is told, with `instead`: another way to the same text.
 */
export async function copyText(text: string, instead?: string): Promise<boolean> {
  const done = await wasCopied(text)
  if (!done) toast.error('The browser refused the clipboard', { description: instead })
  return done
}

async function wasCopied(text: string): Promise<boolean> {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(text)
      return true
    }
  } catch {
    // Refused, or the page lacks focus: the older way may still work.
  }
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  return done
}
