/** A refusal as Supabase Storage words it: HTTP says 400 to almost all, the body has the status that is meant. */
export class StorageRefusal extends Error {
  readonly statusCode: number
  readonly code: string
  readonly error: string

  constructor(statusCode: number, code: string, error: string, message: string) {
    super(message)
    this.statusCode = statusCode
    this.code = code
    this.error = error
  }

  /** Only these keep their own status over REST. */
  get httpStatus(): number {
    return this.statusCode === 416 || this.statusCode >= 500 ? this.statusCode : 400
  }

  body(): string {
    const { statusCode, code, error, message } = this
    return JSON.stringify({ statusCode: String(statusCode), error, message, code })
  }
}

export const refusals = {
  noSuchKey: () => new StorageRefusal(404, 'NoSuchKey', 'not_found', 'Object not found'),
  noSuchBucket: () => new StorageRefusal(404, 'NoSuchBucket', 'Bucket not found', 'Bucket not found'),
  accessDenied: () =>
    new StorageRefusal(403, 'AccessDenied', 'Unauthorized', 'new row violates row-level security policy'),
  duplicate: () => new StorageRefusal(409, 'KeyAlreadyExists', 'Duplicate', 'The resource already exists'),
  tooLarge: () =>
    new StorageRefusal(
      413,
      'EntityTooLarge',
      'Payload too large',
      'The object exceeded the maximum allowed size',
    ),
  invalidKey: (key: string) => new StorageRefusal(400, 'InvalidKey', 'InvalidKey', `Invalid key: ${key}`),
  invalidMime: (type: string) =>
    new StorageRefusal(415, 'InvalidMimeType', 'invalid_mime_type', `mime type ${type} is not supported`),
  invalidRange: () => new StorageRefusal(416, 'InvalidRange', 'InvalidRange', 'The range is not satisfiable'),
  invalidJwt: (message: string) => new StorageRefusal(403, 'InvalidJWT', 'Unauthorized', message),
  linkJwt: (message: string) => new StorageRefusal(400, 'InvalidJWT', 'InvalidJWT', message),
  linkOfAnother: () =>
    new StorageRefusal(400, 'InvalidSignature', 'InvalidSignature', 'The url do not match the signature'),
  missingToken: () =>
    new StorageRefusal(400, 'InvalidJWT', 'Error', "headers must have required property 'authorization'"),
}
