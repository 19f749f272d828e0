export interface S3User {
  accessKeyId: string
  secretAccessKey: string
}

/** Shaped as AWS makes them: an ID of 20 capitals and digits, of which `prefix` is the first five. */
export const makeS3Key = (prefix: string): S3User => ({
  accessKeyId: `${prefix}${crypto.randomUUID().replaceAll('-', '').slice(0, 15).toUpperCase()}`,
  secretAccessKey: crypto.randomUUID() + crypto.randomUUID(),
})
