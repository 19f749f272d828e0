/** Files that are no dataset, by their first bytes. */
const signatures: ReadonlyArray<readonly [string, readonly number[], number?]> = [
  ['a PNG image', [0x89, 0x50, 0x4e, 0x47]],
  ['a JPEG image', [0xff, 0xd8, 0xff]],
  ['a GIF image', [0x47, 0x49, 0x46, 0x38]],
  ['a PDF document', [0x25, 0x50, 0x44, 0x46, 0x2d]],
  ['a ZIP archive (or an Office document, which is one)', [0x50, 0x4b, 0x03, 0x04]],
  ['an empty ZIP archive', [0x50, 0x4b, 0x05, 0x06]],
  ['a 7z archive', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ['a RAR archive', [0x52, 0x61, 0x72, 0x21]],
  ['an xz file', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['a tar archive', [0x75, 0x73, 0x74, 0x61, 0x72], 257],
  ['an Arrow file', [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31]],
  ['an Avro file', [0x4f, 0x62, 0x6a, 0x01]],
  ['an HDF5 file', [0x89, 0x48, 0x44, 0x46]],
  ['a NumPy array', [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
  ['an SQLite database', [...'SQLite format 3\0'].map((character) => character.charCodeAt(0))],
  ['a program', [0x7f, 0x45, 0x4c, 0x46]],
  ['a Python pickle', [0x80, 0x02]],
  ['a Python pickle', [0x80, 0x03]],
  ['a Python pickle', [0x80, 0x04]],
  ['a Python pickle', [0x80, 0x05]],
  ['gzip data inside compressed data', [0x1f, 0x8b]],
  ['zstd data inside compressed data', [0x28, 0xb5, 0x2f, 0xfd]],
]

/** What stands behind BZh and a digit in bzip2 data, some and none: the letters alone may begin a text. */
const bzip2Blocks = ['1AY&SY', '\u0017rE8P\u0090']

function isBzip2(head: Uint8Array): boolean {
  const start = String.fromCharCode(...head.subarray(0, 10))
  return /^BZh[1-9]/.test(start) && bzip2Blocks.includes(start.slice(4))
}

/** What a file that is no text looks like; null when it may well be text. */
export function foreignFile(head: Uint8Array): string | null {
  for (const [name, bytes, offset = 0] of signatures) {
    if (bytes.every((byte, at) => head[offset + at] === byte)) return name
  }
  if (isBzip2(head)) return 'a bzip2 file'
  return head.subarray(0, 4096).includes(0) ? 'a binary file' : null
}
