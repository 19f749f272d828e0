/** One monitor, one store in memory, one gateway, no authentication between them, everything below one folder. */
export function cephConf(options: {
  dir: string
  libraries: string
  fsid: string
  monitorPort: number
  gatewayPort: number
  storeBytes: number
}): string {
  const { dir, libraries, fsid, monitorPort, gatewayPort, storeBytes } = options
  return section('global', {
    fsid,
    'mon host': `[v1:127.0.0.1:${monitorPort}]`,
    'mon initial members': 'a',
    'ms bind msgr2': false,
    'ms bind ipv6': false,
    'public addr': '127.0.0.1',
    'cluster addr': '127.0.0.1',
    'auth cluster required': 'none',
    'auth service required': 'none',
    'auth client required': 'none',
    'osd pool default size': 1,
    'osd pool default min size': 1,
    'osd pool default pg num': 8,
    'osd pool default pgp num': 8,
    'osd pool default pg autoscale mode': 'off',
    'osd crush chooseleaf type': 0,
    'osd crush update on start': false,
    'osd class update on start': false,
    'osd class dir': `${libraries}/rados-classes`,
    'plugin dir': `${libraries}/ceph`,
    'erasure code dir': `${libraries}/ceph/erasure-code`,
    'mon allow pool size one': true,
    'mon max pg per osd': 1000,
    'mon data avail crit': 1,
    'mon warn on pool no redundancy': false,
    'rgw rados pool pg num min': 8,
    'run dir': `${dir}/run`,
    'admin socket': `${dir}/run/$name.asok`,
    'log file': `${dir}/log/$name.log`,
    'mon cluster log file': `${dir}/log/cluster.log`,
    'crash dir': `${dir}/log`,
  })
    .concat(section('mon.a', { 'mon data': `${dir}/mon`, 'mon addr': `127.0.0.1:${monitorPort}` }))
    .concat(
      section('osd.0', {
        'osd data': `${dir}/osd`,
        'osd objectstore': 'memstore',
        'memstore device bytes': storeBytes,
      }),
    )
    .concat(
      section('client.rgw', {
        'rgw data': `${dir}/rgw`,
        // Without tcp_nodelay every small answer waits 40 ms for the client's acknowledgement.
        'rgw frontends': `beast endpoint=127.0.0.1:${gatewayPort} tcp_nodelay=1`,
        'rgw crypt require ssl': false,
        // What was deleted is kept for two hours otherwise, and the memory of this store is full before.
        'rgw gc obj min wait': 1,
        'rgw gc processor period': 5,
        'rgw gc processor max time': 5,
      }),
    )
}

function section(name: string, values: Record<string, string | number | boolean>): string {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}`)
  return `[${name}]\n${lines.join('\n')}\n\n`
}
