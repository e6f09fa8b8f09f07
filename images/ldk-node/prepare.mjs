/**
 * node prepare.mjs <version> <out folder>: compiles the daemon with the user's own cargo into one static program,
 * `<out folder>/ldk-node-daemon`. Progress goes to standard error. What was compiled is kept in BOLTGRID_BUILD_CACHE, or else in
 * ~/.cache/boltgrid/build.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

function main([version, out]) {
  const known = readdirSync(join(here, 'versions'));
  if (version === undefined || out === undefined) fail('usage: node prepare.mjs <version> <out folder>');
  if (!known.includes(version)) fail(`no ldk-node ${version} here; known: ${known.join(', ')}`);
  needs('cargo', 'https://rustup.rs installs it');
  needs('gcc', 'the Debian package build-essential has it');
  const cache = process.env.BOLTGRID_BUILD_CACHE ?? join(homedir(), '.cache', 'boltgrid', 'build');
  const root = join(cache, 'ldk-node');
  const work = join(root, version);
  const recipe = join(here, 'versions', version);
  mkdirSync(work, { recursive: true });

  say(`fetching ldk-node ${version}`);
  const published = fetchCrate(version, join(work, 'fetch'));
  const manifest = readFileSync(join(recipe, 'Cargo.toml'), 'utf8');
  if (!manifest.includes(`ldk-node-checksum = "${published.checksum}"`)) {
    fail(`the registry's ldk-node ${version} is not the one that was tested`);
  }
  copyCrate(published.folder, join(work, 'ldk-node'));
  mirror(join(here, 'daemon', 'src'), join(work, 'src'));
  put(join(work, 'Cargo.toml'), manifest);
  // The tested lock file, with the name of the registry that is used here.
  const lock = readFileSync(join(recipe, 'Cargo.lock.in'), 'utf8');
  put(join(work, 'Cargo.lock'), lock.replaceAll('source = "REGISTRY"', `source = "${published.registry}"`));

  say(`compiling ldk-node ${version} and the daemon`);
  const target = join(root, 'target');
  // Static linking is asked of the last crate only, so that build scripts and macros are compiled as ever.
  const words = ['rustc', '--release', '--locked', '--', '-C', 'target-feature=+crt-static'];
  const { status } = spawnSync('cargo', words, {
    cwd: work,
    stdio: ['ignore', process.stderr, process.stderr],
    env: { ...process.env, CARGO_TARGET_DIR: target },
  });
  if (status !== 0) fail('cargo could not compile it');
  mkdirSync(out, { recursive: true });
  const program = `ldk-node-daemon-${version.replaceAll('.', '-')}`;
  copyFileSync(join(target, 'release', program), join(out, 'ldk-node-daemon'));
  say(`ldk-node ${version} is ready`);
}

/** Lets cargo fetch the crate by itself; gives where its source is, and under which name the registry goes in lock files. */
function fetchCrate(version, folder) {
  mkdirSync(join(folder, 'src'), { recursive: true });
  put(join(folder, 'src', 'lib.rs'), '');
  put(
    join(folder, 'Cargo.toml'),
    `[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\nldk-node = "=${version}"\n`,
  );
  let metadata;
  try {
    const words = ['metadata', '--format-version', '1'];
    const stdio = ['ignore', 'pipe', process.stderr];
    metadata = JSON.parse(execFileSync('cargo', words, { cwd: folder, stdio, maxBuffer: 256 * 1024 * 1024 }));
  } catch {
    fail('cargo could not fetch it');
  }
  const crate = metadata.packages.find(({ name }) => name === 'ldk-node');
  const lock = readFileSync(join(folder, 'Cargo.lock'), 'utf8');
  const entry = /name = "ldk-node"\nversion = ".*"\nsource = "(.*)"\nchecksum = "(.*)"/.exec(lock);
  if (crate === undefined || entry === null) fail('cargo gave another crate');
  return { folder: dirname(crate.manifest_path), registry: entry[1], checksum: entry[2] };
}

/**
 * The crate also asks to be built as C libraries, for bindings to other languages: that costs minutes and is not needed here.
 * Its source stays as it is.
 */
function copyCrate(from, to) {
  if (existsSync(join(to, 'Cargo.toml'))) return;
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true });
  rmSync(join(to, 'Cargo.lock'), { force: true });
  const file = join(to, 'Cargo.toml');
  const text = readFileSync(file, 'utf8');
  rmSync(file);
  const [kinds] = /crate-type = \[[^\]]*\]/.exec(text) ?? fail('the crate says nothing of its crate-type');
  writeFileSync(file, text.replace(kinds, 'crate-type = ["lib"]'));
}

/** Files that are the same already stay, with their times: cargo goes by these. */
function mirror(from, to) {
  const files = (folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const wanted = files(from);
  mkdirSync(to, { recursive: true });
  for (const name of files(to)) if (!wanted.includes(name)) rmSync(join(to, name));
  for (const name of wanted) {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    put(join(to, name), readFileSync(join(from, name), 'utf8'));
  }
}

function put(file, text) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

function needs(tool, hint) {
  if (spawnSync(tool, ['--version'], { stdio: 'ignore' }).status !== 0)
    fail(`${tool} is not installed: ${hint}`);
}

const say = (text) => process.stderr.write(`${text}\n`);

function fail(text) {
  say(text);
  process.exit(1);
}

main(process.argv.slice(2));
