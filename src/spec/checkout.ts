import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BoltgridError, messageOf } from '../core/error.ts';
import { extractSentences } from './extract.ts';
import type { Sentence } from './extract.ts';
import { REPOSITORIES } from './index-file.ts';
import type { RepositoryName } from './index-file.ts';

/** A folder with the documents of one repository. */
export interface Checkout {
  readonly repository: RepositoryName;
  readonly folder: string;
}

/** The documents' files, and the document that each is. */
const FILES: Readonly<Record<RepositoryName, RegExp>> = {
  bolts: /^(\d{2})-[a-z0-9-]+\.md$/,
  blips: /^blip-(\d{4})\.md$/,
};
const DOCUMENT_PREFIX: Readonly<Record<RepositoryName, string>> = { bolts: 'bolt', blips: 'blip' };

/** Many times the size of the longest BOLT. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

/**
 * The checkouts at the given folders: each is one of the BOLTs, one of the bLIPs, or has `bolts` and `blips` below it.
 * Throws `spec.no-checkout`, `spec.two-checkouts`.
 */
export function findCheckouts(folders: readonly string[]): Checkout[] {
  const found = folders.flatMap((folder) => {
    const here = [folder, ...REPOSITORIES.map((name) => join(folder, name))].flatMap(checkoutAt);
    if (here.length > 0) return here;
    throw new BoltgridError('spec.no-checkout', 'user', `${folder}: neither BOLTs nor bLIPs are there`, {
      hint: 'Name a checkout of github.com/lightning/bolts or blips, or a folder that has both.',
    });
  });
  for (const repository of REPOSITORIES) {
    const same = found.filter((checkout) => checkout.repository === repository).map(({ folder }) => folder);
    if (same.length < 2) continue;
    throw new BoltgridError(
      'spec.two-checkouts',
      'user',
      `the ${repository} are there twice: ${same.join(', ')}`,
    );
  }
  return found;
}

function checkoutAt(folder: string): Checkout[] {
  return REPOSITORIES.filter((repository) => documentFiles(repository, folder).length > 0).map(
    (repository) => ({
      repository,
      folder,
    }),
  );
}

function documentFiles(repository: RepositoryName, folder: string): { file: string; document: string }[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const number = FILES[repository].exec(file)?.[1];
      return number === undefined ? [] : [{ file, document: DOCUMENT_PREFIX[repository] + number }];
    });
}

/** All normative sentences of a checkout, by document. Throws `spec.too-large`. */
export function readCheckout({ repository, folder }: Checkout): Sentence[] {
  return documentFiles(repository, folder).flatMap(({ file, document }) => {
    const path = join(folder, file);
    if (statSync(path).size > MAX_DOCUMENT_BYTES) {
      throw new BoltgridError('spec.too-large', 'user', `${path}: longer than ${MAX_DOCUMENT_BYTES} bytes`);
    }
    return extractSentences(document, file, readFileSync(path, 'utf8'));
  });
}

/**
 * The commit that is checked out; `undefined` for a plain folder. Throws `spec.dirty-checkout` when documents were edited, as
 * what is read is then not what the commit has.
 */
export function commitOf({ folder }: Checkout): string | undefined {
  if (!existsSync(join(folder, '.git'))) return undefined;
  if (git(folder, 'status', '--porcelain', '--', '*.md') !== '') {
    throw new BoltgridError(
      'spec.dirty-checkout',
      'user',
      `${folder}: documents differ from the commit that is checked out`,
    );
  }
  return git(folder, 'rev-parse', 'HEAD');
}

function git(folder: string, ...args: string[]): string {
  try {
    return execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  } catch (cause) {
    throw new BoltgridError(
      'spec.git',
      'setup',
      `${folder}: git ${args[0] ?? ''} failed: ${messageOf(cause)}`,
      { cause },
    );
  }
}
