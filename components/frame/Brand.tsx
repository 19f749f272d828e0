/** A falling loss curve, drawn as a mark. */
export function Brand() {
  return (
    <span className="flex items-center gap-2">
      <svg viewBox="0 0 20 20" className="size-5 text-primary-text" aria-hidden="true">
        <path
          d="M3 3.5c1.2 7.4 4.2 11 14 12.5"
          fill="none"
          stroke="currentColor"
          strokeWidth="2.25"
          strokeLinecap="round"
        />
        <circle cx="9.5" cy="6" r="1.75" fill="currentColor" />
        <circle cx="14.75" cy="9.5" r="1.25" fill="currentColor" />
      </svg>
      <span className="font-medium">FineTune Lab</span>
    </span>
  )
}
