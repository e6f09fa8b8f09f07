import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PassThrough, type Readable } from 'node:stream';
import { pack, type Pack } from 'tar-stream';

/** A folder's files as the tar that a build is sent; times and owners are left out, so that they never matter. */
export async function packFolder(folder: string): Promise<Readable> {
  const files = (await readdir(folder, { recursive: true })).sort();
  const tar = pack();
  const out = new PassThrough();
  tar.pipe(out);
  tar.on('error', (error) => out.destroy(error));
  void addAll(tar, folder, files).catch((error: unknown) => {
    out.destroy(error as Error);
  });
  return out;
}

async function addAll(tar: Pack, folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) await add(tar, join(folder, file), file.split(sep).join('/'));
  tar.finalize();
}

async function add(tar: Pack, file: string, name: string): Promise<void> {
  const found = await lstat(file);
  const header = { name, mode: found.mode & 0o777, mtime: new Date(0) };
  if (found.isDirectory()) {
    tar.entry({ ...header, type: 'directory' });
  } else if (found.isSymbolicLink()) {
    tar.entry({ ...header, type: 'symlink', linkname: await readlink(file) });
  } else if (found.isFile()) {
    await pipeline(createReadStream(file), tar.entry({ ...header, size: found.size }));
  }
}
