import { RadioGroup as Primitive } from 'radix-ui'
import type { ReactNode } from 'react'
import { useId } from 'react'
import { Badge, type BadgeTone } from '#components/ui/badge.tsx'
import { Unknown } from '#components/ui/measured.tsx'
import { formatMoney } from '#lib/display/number-format.ts'
import type { Offer } from '#lib/training/compatibility.types.ts'

const stockWords = {
  high: { tone: 'success', word: 'In stock' },
  medium: { tone: 'success', word: 'In stock' },
  low: { tone: 'warning', word: 'Few left' },
  none: { tone: 'neutral', word: 'No stock' },
  unknown: null,
} as const satisfies Record<Offer['stock'], { tone: BadgeTone; word: string } | null>

export function StockBadge({ stock }: { stock: Offer['stock'] }) {
  const words = stockWords[stock]
  return words && <Badge tone={words.tone}>{words.word}</Badge>
}

export function MachineRow({ offer }: { offer: Offer }) {
  const regions = offer.regions.slice(0, 4).join(', ')
  return (
    <ChoiceRow
      value={offer.id}
      label={offer.label}
      about={[offer.label.includes(offer.id) ? '' : offer.id, regions].filter(Boolean).join(' · ')}
      badge={<StockBadge stock={offer.stock} />}
      price={
        offer.usd_per_hour === null ? (
          <Unknown />
        ) : (
          <>
            {formatMoney(offer.usd_per_hour)} <span className="text-muted-foreground">an hour</span>
          </>
        )
      }
    />
  )
}

interface ChoiceRowProps {
  value: string
  /** Exactly the accessible name of the radio. */
  label: string
  about: ReactNode
  badge?: ReactNode
  price?: ReactNode
}

/** One line of the list, which chooses as a whole. */
export function ChoiceRow({ value, label, about, badge, price }: ChoiceRowProps) {
  const id = useId()
  return (
    <Primitive.Item
      value={value}
      aria-label={label}
      aria-describedby={id}
      className="group flex w-full items-center gap-3 px-4 py-2 text-left hover:bg-hover data-[state=checked]:bg-primary-soft"
    >
      <span className="grid size-4 shrink-0 place-items-center rounded-full border border-input bg-card group-data-[state=checked]:border-primary">
        <Primitive.Indicator className="size-2 rounded-full bg-primary" />
      </span>
      <span id={id} className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-0.5">
        <span className="grid min-w-0 flex-1 basis-40 gap-0.5">
          <span className="break-words">{label}</span>
          {about ? <span className="break-words text-muted-foreground text-xs">{about}</span> : null}
        </span>
        {badge}
        {price ? <span className="tabular-nums sm:min-w-28 sm:text-right">{price}</span> : null}
      </span>
    </Primitive.Item>
  )
}
