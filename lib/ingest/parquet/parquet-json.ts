const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Decoded by rule, and strictly: a column of strings that are no UTF-8 is a damaged file and not a row of "?". */
export const parsers = {
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && utf8.decode(bytes),
  timestampFromMilliseconds: (value: bigint) => instant(value, 1000n, 3),
  timestampFromMicroseconds: (value: bigint) => instant(value, 1_000_000n, 6),
  timestampFromNanoseconds: (value: bigint) => instant(value, 1_000_000_000n, 9),
  dateFromDays: (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10),
}

/** ISO 8601 with as many digits as the file has. */
function instant(value: bigint, perSecond: bigint, digits: number): string {
  const fraction = ((value % perSecond) + perSecond) % perSecond
  const seconds = (value - fraction) / perSecond
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  return `${whole}.${fraction.toString().padStart(digits, '0')}Z`
}

/**
 * A cell of any type as JSON text. Whole numbers of 64 bits keep every digit. Bytes that are text become text, other
 * bytes base64. NaN and Infinity come out as they are, which is no JSON: the row's check finds and names them.
 */
export function jsonText(value: unknown, onBinary: () => void): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value)
    case 'number':
    case 'bigint':
      return String(value)
    case 'object':
      if (value === null) return 'null'
      if (value instanceof Uint8Array) return JSON.stringify(bytesText(value, onBinary))
      if (value instanceof Date) return JSON.stringify(value.toISOString())
      if (Array.isArray(value) || ArrayBuffer.isView(value)) {
        const items = Array.from(value as ArrayLike<unknown>, (item) => jsonText(item, onBinary))
        return `[${items.join(',')}]`
      }
      return `{${Object.entries(value)
        .map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item, onBinary)}`)
        .join(',')}}`
    default:
      return 'null'
  }
}

function bytesText(bytes: Uint8Array, onBinary: () => void): string {
  try {
    return utf8.decode(bytes)
  } catch {
    onBinary()
    return base64(bytes)
  }
}

/** Byte by byte: it has to run in a browser too, and images in a dataset of text are few. */
function base64(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
