import { MartFault } from '@mart/service-kit/fault'

/** A fault for file system errors that a person can put right; any other error as it is. */
export function asFileFault(error: unknown, path: string): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'EACCES' || code === 'EPERM')
    return new MartFault(`No right to write ${path}: give it to this user, or set MART_DATA_DIR to another folder.`)
  if (code === 'EROFS') return new MartFault(`${path} is read-only: set MART_DATA_DIR to another folder.`)
  if (code === 'ENOSPC') return new MartFault(`No space left for ${path}.`)
  if (code === 'ENOENT' || code === 'EINVAL' || code === 'ENAMETOOLONG')
    return new MartFault(`${path} can't be made here (${code}): set MART_DATA_DIR to another folder.`)
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new MartFault(`${path} can't be made: a file is in its way. Set MART_DATA_DIR to another folder.`)
  return error
}
