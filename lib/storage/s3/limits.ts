/** Between 5 MiB and 5 GiB; larger ones cost memory, smaller ones requests. */
export const s3PartBytes = 8 * 1024 * 1024
export const s3PartsMax = 10_000
/** The smallest that S3 takes: a resumable upload that breaks off sends little again. */
export const s3ResumablePartBytes = 5 * 1024 * 1024
/** Parts are cut before the length is known, so their size bounds the object. */
export const s3ObjectBytesMax = s3PartBytes * s3PartsMax
