import { facts as colab } from './colab/facts.types.ts'
import type { LauncherCapabilities, LauncherFacts } from './facts.types.ts'
import { facts as huggingface } from './huggingface/facts.types.ts'
import { facts as lambda } from './lambda/facts.types.ts'
import { facts as local } from './local/facts.types.ts'
import { facts as runpod } from './runpod/facts.types.ts'
import { facts as sagemaker } from './sagemaker/facts.types.ts'

/** The one list of places to train, in the order of the form. Every map over providers is keyed by it. */
export const launcherFacts = {
  runpod,
  lambda,
  sagemaker,
  huggingface,
  colab,
  local,
} as const satisfies Record<string, LauncherFacts>

type AllFacts = typeof launcherFacts
export type LauncherId = keyof AllFacts

export const launcherIds = Object.keys(launcherFacts) as [LauncherId, ...LauncherId[]]

/** One fact of each place. */
export function factOfEach<Name extends keyof LauncherFacts>(name: Name) {
  return Object.fromEntries(launcherIds.map((id) => [id, launcherFacts[id][name]])) as {
    readonly [Id in LauncherId]: AllFacts[Id][Name]
  }
}

export const capabilitiesOf = (id: LauncherId): LauncherCapabilities => launcherFacts[id].capabilities
