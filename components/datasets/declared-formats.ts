import { type DeclaredFormat, datasetFormats } from '#lib/training/dataset.types.ts'

export const declaredFormats: DeclaredFormat[] = ['auto', ...datasetFormats]
