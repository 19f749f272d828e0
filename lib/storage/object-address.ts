/** An object as an address names it. */
export interface ObjectAddress {
  bucket: string
  key: string
}

const virtualHost = /^(.+)\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?$/
const pathStyleHost = /^s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?$/
const supabaseObject = /^\/storage\/v1\/object\/(?:public\/|sign\/|authenticated\/)?([^/]+)\/(.+)$/

/** `s3://bucket/key`, as Hadoop writes it too, or an address of Amazon's in either style. */
export function s3ObjectAddress(text: string): ObjectAddress | null {
  const uri = /^s3[an]?:\/\/([^/]+)\/(.+)$/i.exec(text)
  if (uri) return { bucket: uri[1]!, key: uri[2]! }
  const url = webAddress(text)
  if (!url) return null
  const path = decoded(url.pathname.slice(1))
  if (!pathStyleHost.test(url.hostname)) {
    const bucket = virtualHost.exec(url.hostname)?.[1]
    return bucket && path ? { bucket, key: path } : null
  }
  const slash = path.indexOf('/')
  return slash > 0 ? { bucket: path.slice(0, slash), key: path.slice(slash + 1) } : null
}

/** An address below `/storage/v1/object/`, public, signed or neither. */
export function supabaseObjectAddress(text: string): ObjectAddress | null {
  const url = webAddress(text)
  const [, bucket, key] = (url && supabaseObject.exec(url.pathname)) || []
  return bucket && key ? { bucket, key: decoded(key) } : null
}

function webAddress(text: string): URL | null {
  return /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : null
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
