// Keeps what a node said in real runs: takes cases out of journals into test/fixtures/transcripts/<node>.json, where `npm test`
// decodes and replays them (see README.md there).
//
//   node scripts/keep-transcripts.mjs cln@26.06.6+fast <run.jsonl> [<run.jsonl> …] [--case <id> …]
//
// Without --case it takes CASES, as far as the journals have them. Of a pair it keeps what the first of the two nodes said.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { register } from 'tsx/esm/api';

register();
const { loadJournal } = await import('../src/journal/reader.ts');

/** Init, ping and pong, errors and warnings, closes, silence, a handshake by hand, answers to queries, announcements. */
const CASES = [
  'bolt01/init-sent#first',
  'bolt01/init-sent#waits-for-ours',
  'bolt01/init-sent#answers-nothing-before-ours[ping]',
  'bolt01/init-sent#undefined-bits',
  'bolt01/init-sent#networks',
  'bolt01/init-sent#remote-address',
  'bolt01/init-received#odd-records[two-as-in-appendix-c]',
  'bolt01/init-received#even-record[after-an-odd-one]',
  'bolt01/init-received#too-short[type-alone]',
  'bolt01/features#unknown-even[low]',
  'bolt01/features#reconnect-with-others',
  'bolt01/ping#asked-length[past-a-byte]',
  'bolt01/ping#zeros[a-block]',
  'bolt01/ping#stray-pong[short]',
  'bolt01/message-types#unknown-odd[channel]',
  'bolt01/message-types#unknown-even[channel]',
  'bolt01/errors#warning-of-all-channels',
  'bolt01/errors#error-of-all-channels',
  'bolt01/errors#says-why[truncated-message]',
  'bolt01/errors#unknown-channel[shutdown]',
  'bolt01/errors#unknown-channel[update_fee]',
  'bolt01/truncated#control[pong]',
  'bolt01/storage#irrelevant-retrieval',
  'bolt08/sessions#two-at-once',
  'bolt09/offered#dependencies',
  'bolt09/offered#same-for-every-peer',
  'bolt09/offered#gossip-queries-by-range',
  'bolt09/offered#gossip-queries-by-id',
  'bolt09/received#both-bits-known',
  'bolt09/announcements#node',
  'bolt09/announcements#channel',
];

const { values, positionals } = parseArgs({
  options: { case: { type: 'string', multiple: true } },
  allowPositionals: true,
});
const [node, ...journals] = positionals;
if (!node || journals.length === 0) throw new Error('which node, and which journals?');
const wanted = values.case ?? CASES;

const runs = [];
let identity;
for (const journal of journals) {
  const events = await loadJournal(journal);
  const [header] = events;
  const starts = events.filter((event) => event.event === 'node-started' && event.identity.id === node);
  for (const start of starts) {
    identity ??= start.identity;
    if (start.identity.build !== identity.build) throw new Error(`${journal}: another build of ${node}`);
  }
  const cases = events.filter(isWanted).map(kept);
  if (cases.length === 0) continue;
  runs.push({
    date: header.startedAt.slice(0, 10),
    boltgrid: header.boltgrid,
    seed: header.seed,
    features: starts[0].features,
    cases,
  });
}
if (runs.length === 0) throw new Error(`no case of ${node} in these journals`);

const { image, reported } = identity;
const file = new URL(`../test/fixtures/transcripts/${node}.json`, import.meta.url);
writeFileSync(file, `${JSON.stringify({ node, image, reported, runs }, null, 1)}\n`);
console.log(`${node}: ${runs.map(({ cases }) => cases.length).join(' + ')} cases`);

function isWanted(event) {
  if (event.event !== 'case-finished' || event.rerunFollows || event.transcript.length === 0) return false;
  if (!wanted.includes(event.case) || event.cell.split(' -> ')[0] !== node) return false;
  const why =
    event.verdict === 'harness-error' ? 'it says nothing of the node' : whyNotWhole(event.transcript);
  if (why) console.log(`left out: ${event.case}: ${why}`);
  return why === undefined;
}

/** The journal cuts long messages and long conversations, and keeps no frames. */
function whyNotWhole(transcript) {
  if (transcript.some(({ link }) => link < 0)) return 'messages are left out';
  if (transcript.some(({ hex, length }) => hex !== undefined && hex.length !== 2 * length))
    return 'a message is cut';
  const below = transcript.find(
    ({ text }) => text !== undefined && /encrypted bytes|cannot be decrypted/.test(text),
  );
  return below && `what was said is below the messages: ${below.text}`;
}

function kept({ cell, case: id, attempt, verdict, requirement, step, message, transcript }) {
  const silent = /nothing within \d+ ms/.test(message ?? '') || undefined;
  const entries = transcript.map(({ link, dir, name, hex, text }) => ({ link, dir, name, hex, text }));
  return { cell, case: id, attempt, verdict, requirement, step, silent, transcript: entries };
}
