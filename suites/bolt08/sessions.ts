import { equalBytes, suite } from 'boltgrid';
import { accepted, actOne, actTwoOf, expectServed, upToActTwo } from './_acts.ts';

/** In acts one and two: the version, then 33 bytes. */
const ephemeralKeyOf = (act: Uint8Array): Uint8Array => act.subarray(1, 34);

/** Each session stands by itself: BOLT 8, "Handshake State". */
export default suite(
  'bolt08/sessions',
  { title: 'the handshake as responder: every session on its own' },
  ({ test }) => {
    test(
      'fresh-ephemeral-key',
      {
        title: 'answers the very same act one with another ephemeral key on each connection',
        chain: 'none',
        requirements: ['bolt08-handshake-state-01'],
      },
      async (context) => {
        const { bytes } = actOne(context);
        const keys: Uint8Array[] = [context.node.publicKey];
        for (let round = 0; round < 4; round++) {
          const link = await context.dial();
          await link.write(bytes);
          const key = ephemeralKeyOf(await actTwoOf(link));
          context.check('bolt08-handshake-state-01', !keys.some((earlier) => equalBytes(earlier, key)), {
            note: 'the ephemeral key was not seen before',
            got: key,
          });
          keys.push(key);
          await link.close();
        }
      },
    );

    test(
      'two-at-once',
      {
        title: 'keeps two handshakes apart that are under way at the same time',
        chain: 'none',
        requirements: ['bolt08-handshake-state-01'],
      },
      async (context) => {
        const own = 'bolt08-handshake-state-01';
        const first = await context.dial();
        const second = await context.dial();
        const toFirst = actOne(context, 'the first');
        const toSecond = actOne(context, 'the second');
        await first.write(toFirst.bytes);
        await second.write(toSecond.bytes);
        const fromFirst = await actTwoOf(first);
        const fromSecond = await actTwoOf(second);
        context.check(own, !equalBytes(ephemeralKeyOf(fromFirst), ephemeralKeyOf(fromSecond)), {
          note: 'each session has an ephemeral key of its own',
        });
        const state = accepted(context, own, fromFirst, (act) => toFirst.next.readAct2(act));
        const otherState = accepted(context, own, fromSecond, (act) => toSecond.next.readAct2(act));
        // Completed in the other order.
        for (const [link, read] of [
          [second, otherState],
          [first, state],
        ] as const) {
          const { bytes, next } = read.writeAct3();
          await link.write(bytes);
          await expectServed(context, own, await link.peer(next));
        }
      },
    );

    test(
      'replayed-handshake',
      {
        title: 'refuses acts one and three that were right in an earlier session',
        chain: 'none',
        requirements: ['bolt08-handshake-state-01'],
      },
      async (context) => {
        const first = await context.dial();
        const recordedActOne = actOne(context).bytes;
        const state = await upToActTwo(context, first, 'bolt08-handshake-state-01');
        const { bytes: recordedActThree, next } = state.writeAct3();
        await first.write(recordedActThree);
        await (await first.peer(next)).disconnect();
        const replay = await context.dial();
        await replay.write(recordedActOne);
        await actTwoOf(replay);
        await replay.write(recordedActThree);
        await replay.expectClosedSilently();
      },
    );
  },
);
