import { Button, type ButtonProps } from '#components/ui/button.tsx'
import { Dialog, DialogClose, DialogContent, DialogFooter, DialogTrigger } from '#components/ui/dialog.tsx'
import { formatBytes } from '#lib/display/number-format.ts'

interface DiscardUploadProps extends ButtonProps {
  /** Bytes that would have to be sent again; none are not asked about. */
  sentBytes: number
  onDiscard: () => void
}

/** Gives an upload up; asks first where that throws away what was sent. */
export function DiscardUpload({ sentBytes, onDiscard, ...button }: DiscardUploadProps) {
  if (sentBytes === 0) return <Button {...button} onClick={onDiscard} />
  return (
    <Dialog>
      <DialogTrigger asChild>
        <Button {...button} />
      </DialogTrigger>
      <DialogContent
        title="Give this upload up?"
        description={`The ${formatBytes(sentBytes)} that were sent are thrown away, and nothing is stored. Paused, they would be kept.`}
      >
        <DialogFooter>
          <DialogClose asChild>
            <Button>Keep it</Button>
          </DialogClose>
          <DialogClose asChild>
            <Button variant="danger" onClick={onDiscard}>
              Throw away
            </Button>
          </DialogClose>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  )
}
