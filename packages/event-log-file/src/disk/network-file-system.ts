/** What `statfs` says of file systems that are served over a network (`linux/magic.h`, `statfs(2)`). */
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
 * The name of a file system that other machines share, by the type that `statfs` answers; its locks and caches promise
 * less than a log needs. undefined: it is none of those.
 */
export const networkFileSystem = (type: number): string | undefined => networkFileSystems.get(type >>> 0)
