import type { Metadata } from 'next'
import { ApiReference } from '#components/api-reference/ApiReference.tsx'

export const metadata: Metadata = { title: 'HTTP API' }

export default function ApiReferencePage() {
  return <ApiReference />
}
