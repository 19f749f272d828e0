import { startS3StandIn } from '#tests/support/s3-server/start-s3-server.ts'
import { describeS3Storage } from './storage-s3.contract.ts'

// On every machine, so that it is known to be as strict as it says where nothing better can be had.
describeS3Storage(startS3StandIn)
