/** The types that `statfs` returns for network file systems (`linux/magic.h`, `statfs(2)`). */
const networkFileSystems: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB2'],
  [0xff534d42, 'CIFS'],
  [0x564c, 'NCP'],
  [0x73757245, 'Coda'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x01021997, '9P'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x19830326, 'FhGFS'],
])

/**
 * The name of the network file system with this `statfs` type; its locks and caches guarantee less than a log requires.
 * undefined: it is not one of them.
 */
export const networkFileSystem = (type: number): string | undefined => networkFileSystems.get(type >>> 0)
