import type { ReactNode } from 'react'
import { Section } from '#components/ui/card.tsx'

interface StepProps {
  number: number
  title: string
  question: string
  children: ReactNode
}

/** One of the four decisions of a training. All stay in sight. */
export function Step({ number, title, question, children }: StepProps) {
  return (
    <Section
      title={`${number}. ${title}`}
      description={question}
      className="[&>div:last-child]:grid [&>div:last-child]:gap-5"
    >
      {children}
    </Section>
  )
}
