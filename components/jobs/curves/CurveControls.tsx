'use client'

import { useId } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Label } from '#components/ui/label.tsx'
import { Segments } from '#components/ui/segments.tsx'
import { Switch } from '#components/ui/switch.tsx'
import { type CurveView, smoothingMax } from './curve-view.ts'

interface CurveControlsProps {
  view: CurveView
  onView: (view: CurveView) => void
  zoomed: boolean
  onZoomOut: () => void
}

const axes = [
  { value: 'step', label: 'Step' },
  { value: 'time', label: 'Time' },
] as const

export function CurveControls({ view, onView, zoomed, onZoomOut }: CurveControlsProps) {
  const id = useId()
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-2 text-xs">
      {zoomed && (
        <Button size="sm" onClick={onZoomOut}>
          Show all
        </Button>
      )}
      <div className="flex items-center gap-2">
        <Label htmlFor={`${id}-smoothing`} className="font-normal text-muted-foreground text-xs">
          Smoothing
        </Label>
        <input
          id={`${id}-smoothing`}
          type="range"
          min={0}
          max={smoothingMax}
          step={0.01}
          value={view.smoothing}
          onChange={(event) => onView({ ...view, smoothing: event.currentTarget.valueAsNumber })}
          className="h-7 w-24 accent-primary"
        />
        <output htmlFor={`${id}-smoothing`} aria-live="off" className="w-7">
          {view.smoothing.toFixed(2)}
        </output>
      </div>
      <div className="flex items-center gap-2">
        <Switch
          id={`${id}-log`}
          checked={view.logarithmic}
          onCheckedChange={(logarithmic) => onView({ ...view, logarithmic })}
        />
        <Label htmlFor={`${id}-log`} className="font-normal text-muted-foreground text-xs">
          Log scale
        </Label>
      </div>
      <Segments
        label="Horizontal axis"
        options={axes}
        value={view.xAxis}
        onValue={(xAxis) => onView({ ...view, xAxis })}
      />
    </div>
  )
}
