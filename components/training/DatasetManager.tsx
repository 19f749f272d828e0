'use client'

import { PageHeading } from '#components/frame/PageHeading.tsx'

export function DatasetManager() {
  return <PageHeading title="Datasets" />
}
