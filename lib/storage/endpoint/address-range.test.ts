import { expect, it } from 'vitest'
import { addressRange } from './address-range.ts'

it.each(['8.8.8.8', '52.216.0.1', '2600:1f18::1', '::ffff:8.8.8.8', '64:ff9b::808:808', '2002:808:808::1'])(
  '%s is public',
  (address) => {
    expect(addressRange(address)).toBe('public')
  },
)

it.each([
  '127.0.0.1',
  '127.8.9.10',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '0.0.0.0',
  '::',
  '::1',
  'fc00::1',
  'fd12:3456::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:0:10.0.0.1',
  '::10.0.0.1',
  '64:ff9b::10.0.0.1',
  '2002:7f00:1::',
])('%s is private', (address) => {
  expect(addressRange(address)).toBe('private')
})

it.each([
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  'fd00:ec2::254',
  '100.100.100.200',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  '224.0.0.1',
  '255.255.255.255',
  'ff02::1',
  '2001:0:53aa:64c::1',
  'localhost',
  '',
])('%s is never a store', (address) => {
  expect(addressRange(address)).toBe('never')
})
