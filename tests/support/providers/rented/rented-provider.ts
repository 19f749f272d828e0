import type { SecretMetadata, SecretProvider } from '#lib/secrets/secret.types.ts'
import type { TrainingProvider } from '#lib/training/training-config.types.ts'
import type { ProviderDouble, ProviderFault, SeenRequest } from '../provider-server.ts'

/** A machine as its provider has it. */
export interface RentedMachine {
  /** What a job's `provider_ref` says. */
  ref: string
  /** The name that carries the stamp. */
  name: string
  /** What its runner is started with, secrets included. */
  environment: Record<string, string>
}

/** One provider's double, seen alike for all: for suites that hold for whoever rents machines out. */
export interface RentedProvider {
  provider: TrainingProvider
  label: string
  /** The setting that leads the application to it. */
  settings: Record<string, string>
  /** What opens it, as Settings > Secrets takes it. */
  secret: { provider: SecretProvider; api_key: string; metadata?: SecretMetadata }
  readonly seen: readonly SeenRequest[]
  /** Whether machines that come from now on run what they are told, or a suite speaks for them. */
  execute(really: boolean): void
  /** A deploy call's own fields for one cheap machine. */
  options: Record<string, unknown>
  /** What such a machine is called, and costs. */
  machine: { id: string; usdPerHour: number }
  /** What such a machine costs from now on; null where the provider tells no prices. */
  setPrice: ((usdPerHour: number) => void) | null
  /** Requests by what they are for. */
  is: Record<'create' | 'look' | 'list' | 'end', (request: SeenRequest) => boolean>
  /** How often its launcher sends one request that fails, before it gives up. */
  attempts: number
  /** The next so many creations meet this. */
  failCreation(fault: ProviderFault, times?: number): void
  /** So do the next so many lists of what is there. */
  failListing(fault: ProviderFault, times?: number): void
  fail: ProviderDouble['fail']
  hold: ProviderDouble['hold']
  /** Those that are there and cost, oldest first. */
  machines(): RentedMachine[]
  /** Whether it is known to be past all waiting, which costs nothing at some. */
  isUp(ref: string): boolean
  /** How many were ever created, all of them or of this name. */
  created(name?: string): number
  /** The provider takes a machine away without a word. */
  takeAway(ref: string): void
  /** A machine whose container came to its end by itself. */
  comeToItsEnd(ref: string): void
  /** Puts up a machine of that name behind our back. */
  putUp(name: string): string
  /** Null where the provider has no such refusal. */
  room: {
    /** A deploy call's own fields whose first choice is full, and what is had instead. */
    secondChoice: { options: Record<string, unknown>; machine: { id: string; region: string | null } }
    isFull(full: boolean): void
  } | null
  /** From the order to end a machine until it is gone. */
  slowEnd(seconds: number): void
  close(): Promise<void>
}

export const countOf = (names: readonly unknown[], name?: string) =>
  name === undefined ? names.length : names.filter((one) => one === name).length
