import { z } from 'zod'

export const candidatesMax = 10

const typeName = z
  .string()
  .trim()
  .max(100)
  .regex(/^[a-z0-9_]+$/, 'An instance type such as gpu_1x_a10')
const regionName = z
  .string()
  .trim()
  .max(64)
  .regex(/^[a-z0-9-]+$/, 'A region such as us-east-1')

/** Lambda's own fields of the deploy call. */
export const deployOptionsSchema = z.object({
  /** Of several, the first that has room is taken. */
  instance_type: z.union([typeName, z.array(typeName).min(1).max(candidatesMax)]).default('gpu_1x_a10'),
  /** In this order; without one, every region that Lambda names for the type. */
  region: z.union([regionName, z.array(regionName).min(1).max(candidatesMax)]).optional(),
})
export type LambdaOptions = z.infer<typeof deployOptionsSchema>
