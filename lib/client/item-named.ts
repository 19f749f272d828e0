import { z } from 'zod'

/** Answers of one thing come as `{name: thing}` or as the thing itself; both are read as the thing. */
export function itemNamed<Schema extends z.ZodType>(name: string, schema: Schema) {
  return z.preprocess(
    (body) => (typeof body === 'object' && body !== null && name in body ? Reflect.get(body, name) : body),
    schema,
  )
}
