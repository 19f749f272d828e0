import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writtenModel } from './written-model.ts'

/** A shape of an AWS service model, as botocore ships them; only what is needed to check a request. */
export interface Shape {
  type: string
  members?: Record<string, { shape: string }>
  required?: string[]
  member?: { shape: string }
  key?: { shape: string }
  value?: { shape: string }
  min?: number
  max?: number
  pattern?: string
  enum?: string[]
}

export interface ServiceModel {
  /** Where the limits are from, for a test's title. */
  source: string
  shapes: Record<string, Shape>
}

const contractFile = join(
  import.meta.dirname,
  '../../../../../shared/reference/contracts/sagemaker-2017-07-24.json',
)

/** Amazon's own model where it lies beside this repository, otherwise the limits that we wrote down. */
export function loadModel(): ServiceModel {
  if (!existsSync(contractFile)) return writtenModel
  const { shapes } = JSON.parse(readFileSync(contractFile, 'utf8')) as ServiceModel
  return { source: 'sagemaker-2017-07-24', shapes }
}

/** Everything in a request that the service would not take; a field that it does not know is one of them. */
export function faultsOf(
  { shapes }: ServiceModel,
  shapeName: string,
  value: unknown,
  at = shapeName,
): string[] {
  const shape = shapes[shapeName]
  if (!shape) throw new Error(`The model has no shape ${shapeName}`)
  const inside = (name: string, part: unknown, where: string) =>
    faultsOf({ source: '', shapes }, name, part, where)
  switch (shape.type) {
    case 'structure': {
      if (!isObject(value)) return [`${at} must be an object`]
      const missing = (shape.required ?? []).filter((name) => value[name] === undefined)
      return [
        ...missing.map((name) => `${at}.${name} is required`),
        ...Object.entries(value).flatMap(([name, part]) => {
          const member = shape.members?.[name]
          return member ? inside(member.shape, part, `${at}.${name}`) : [`${at}.${name} is not known`]
        }),
      ]
    }
    case 'list':
      if (!Array.isArray(value)) return [`${at} must be a list`]
      return [
        ...lengthFaults(shape, value.length, at),
        ...value.flatMap((part, index) => inside(shape.member!.shape, part, `${at}[${index}]`)),
      ]
    case 'map':
      if (!isObject(value)) return [`${at} must be a map`]
      return [
        ...lengthFaults(shape, Object.keys(value).length, at),
        ...Object.entries(value).flatMap(([key, part]) => [
          ...inside(shape.key!.shape, key, `${at} key ${key}`),
          ...inside(shape.value!.shape, part, `${at}.${key}`),
        ]),
      ]
    case 'string':
      return stringFaults(shape, value, at)
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${at} must be a boolean`]
    default:
      return numberFaults(shape, value, at)
  }
}

function stringFaults(shape: Shape, value: unknown, at: string): string[] {
  if (typeof value !== 'string') return [`${at} must be a string`]
  const faults = lengthFaults(shape, value.length, at)
  if (shape.pattern && !new RegExp(`^(?:${shape.pattern})$`, 'u').test(value))
    faults.push(`${at} does not match ${shape.pattern}`)
  if (shape.enum && !shape.enum.includes(value)) faults.push(`${at} is none of the known values: ${value}`)
  return faults
}

function numberFaults(shape: Shape, value: unknown, at: string): string[] {
  if (typeof value !== 'number') return [`${at} must be a number`]
  if (
    shape.type !== 'float' &&
    shape.type !== 'double' &&
    shape.type !== 'timestamp' &&
    !Number.isInteger(value)
  )
    return [`${at} must be whole`]
  return lengthFaults(shape, value, at)
}

function lengthFaults({ min, max }: Shape, length: number, at: string): string[] {
  if (min !== undefined && length < min) return [`${at} is below ${min}`]
  if (max !== undefined && length > max) return [`${at} is above ${max}`]
  return []
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
