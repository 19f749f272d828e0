import { startS3Server } from '#tests/support/s3-server/start-s3-server.ts'
import { describeS3Storage } from './storage-s3.contract.ts'

describeS3Storage(startS3Server)
