'use client'

import { RadioGroup } from 'radix-ui'

interface SegmentsProps<Value extends string> {
  label: string
  options: readonly { value: Value; label: string }[]
  value: Value
  onValue: (value: Value) => void
}

/** A choice of a few words, side by side. */
export function Segments<Value extends string>({ label, options, value, onValue }: SegmentsProps<Value>) {
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value}
      onValueChange={(chosen) => onValue(chosen as Value)}
      orientation="horizontal"
      className="flex rounded-md border bg-muted p-0.5"
    >
      {options.map((option) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          className="h-6 rounded-[4px] px-2 text-muted-foreground text-xs hover:text-foreground data-[state=checked]:bg-card data-[state=checked]:text-foreground pointer-coarse:h-8"
        >
          {option.label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  )
}
