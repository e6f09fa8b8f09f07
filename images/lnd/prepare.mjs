// node prepare.mjs <version>: builds lnd and lncli of a release, static, from the Go module that its authors tagged, into the working
// directory. The flags are the same for every version, so that Go's build cache serves what they have in common.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

const LND = 'github.com/lightningnetwork/lnd';
/** Those of a release (make/release_flags.mk), without etcd and PostgreSQL: other places to keep a database in, of no use here. */
const TAGS =
  'autopilotrpc signrpc walletrpc chainrpc invoicesrpc watchtowerrpc neutrinorpc monitoring peersrpc kvdb_sqlite';

/** Said to the user as it is. */
class Failure extends Error {}

const [version = ''] = process.argv.slice(2);
const release = `v${version}-beta`;

try {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Failure(`not a version of LND: ${JSON.stringify(version)}`);
  say(`${release}: asking for the module`);
  await writeModule(await moduleFile());
  say('fetching what it depends on');
  await go(['list', '-deps', '-tags', TAGS, ...programs()]);
  say('compiling');
  await compile();
  say('done');
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  say(error.message);
  process.exitCode = 1;
}

function programs() {
  return ['lnd', 'lncli'].map((name) => `${LND}/cmd/${name}`);
}

/** The release's own go.mod in Go's module cache. */
async function moduleFile() {
  const { code, stdout, stderr } = await run(['mod', 'download', '-json', `${LND}@${release}`]);
  const answer = stdout.startsWith('{') ? JSON.parse(stdout) : {};
  const why = answer.Error ?? stderr;
  if (code === 0 && answer.GoMod !== undefined) return answer.GoMod;
  if (/verifying|checksum|sum\.golang\.org|GONOSUMDB/i.test(why)) {
    throw new Failure(`Go's checksum database does not vouch for ${release}, so it is not built.\n${why}`);
  }
  if (/unknown revision|not (found|available)|404|410|no matching versions/i.test(why)) {
    throw new Failure(`the module proxy knows no release ${release}.\n${why}`);
  }
  throw new Failure(`cannot fetch ${release}.\n${why}`);
}

/**
 * A module of our own that requires it. Replacements hold only where they are written, so they are repeated; those by folders of LND's
 * repository cannot be, and the published versions of the same modules take their place.
 */
async function writeModule(file) {
  const { Go, Replace } = JSON.parse(await go(['mod', 'edit', '-json', file]));
  const replaced = (Replace ?? []).filter(({ New }) => New.Version !== undefined);
  const named = ({ Path, Version }) => (Version === undefined ? Path : `${Path} ${Version}`);
  const lines = [
    'module boltgrid.invalid/lnd',
    `go ${Go}`,
    `require ${LND} ${release}`,
    ...replaced.map(({ Old, New }) => `replace ${named(Old)} => ${named(New)}`),
  ];
  await writeFile('go.mod', `${lines.join('\n')}\n`);
}

async function compile() {
  const values = [
    `-X ${LND}/build.Commit=${release}`,
    `-X ${LND}/build.RawTags=${TAGS.replaceAll(' ', ',')}`,
  ];
  const link = `-s -w -buildid= ${values.join(' ')}`;
  let packages = 0;
  const words = ['-v', '-trimpath', '-buildvcs=false', '-tags', TAGS, '-ldflags', link, '-o', './'];
  await go(['build', ...words, ...programs()], () => {
    packages += 1;
    if (packages % 50 === 0) say(`compiled ${packages} packages`);
  });
}

/** What it prints; throws when it fails. */
async function go(words, onLine) {
  const { code, stdout, stderr } = await run(words, onLine);
  if (code === 0) return stdout;
  const needed = /requires go >= ([\d.]+)/.exec(stderr)?.[1];
  if (needed !== undefined) throw new Failure(`LND ${version} needs Go ${needed} or newer.\n${stderr}`);
  throw new Failure(`go ${words[0]} ended with code ${code}.\n${stderr}`);
}

function run(words, onLine = () => undefined) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, CGO_ENABLED: '0', GOOS: 'linux', GOFLAGS: '-mod=mod', GOWORK: 'off' };
    const child = spawn('go', words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    const last = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      last.push(line);
      if (last.length > 20) last.shift();
      onLine(line);
    });
    child.on('error', (error) => {
      reject(
        new Failure(error.code === 'ENOENT' ? 'there is no go on PATH: https://go.dev/dl/' : error.message),
      );
    });
    child.on('close', (code) => {
      resolve({ code, stdout, stderr: last.join('\n') });
    });
  });
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
