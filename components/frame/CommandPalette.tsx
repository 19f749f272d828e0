'use client'

import { Search } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Dialog, DialogContent } from '#components/ui/dialog.tsx'
import { Kbd } from '#components/ui/kbd.tsx'
import { CommandChoices } from './CommandChoices.tsx'

/** Ctrl or Cmd with K: go anywhere, find a dataset. */
export function CommandPalette() {
  const [open, setOpen] = useState(false)
  const router = useRouter()
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey) return
      event.preventDefault()
      setOpen((before) => !before)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
  function go(href: string) {
    setOpen(false)
    router.push(href)
  }
  return (
    <>
      <Button variant="ghost" className="text-muted-foreground" onClick={() => setOpen(true)}>
        <Search aria-hidden />
        <span className="sr-only">Search and go</span>
        <span className="hidden items-center gap-1 lg:flex" aria-hidden>
          <Kbd>Ctrl</Kbd>
          <Kbd>K</Kbd>
        </span>
      </Button>
      <Dialog open={open} onOpenChange={setOpen}>
        <DialogContent
          bare
          title="Search and go"
          description="Type to find a page or a dataset."
          className="p-0"
        >
          <CommandChoices go={go} />
        </DialogContent>
      </Dialog>
    </>
  )
}
