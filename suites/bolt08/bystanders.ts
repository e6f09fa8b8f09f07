import { concat, suite, withBadTag, withVersion, type RawLink, type SubjectContext } from 'boltgrid';
import { ACT_ONE_LENGTH, actOne, accepted, actTwoOf, expectServed, upToActTwo, zeros } from './_acts.ts';
import { BY_HAND, LARGEST_MESSAGE, ping } from './_frames.ts';

/** What one peer does wrong, another must not feel. */
export default suite(
  'bolt08/bystanders',
  { title: 'others are served while one peer offends' },
  ({ test }) => {
    test(
      'failed-handshake',
      {
        title: 'terminates only the connection whose handshake failed',
        chain: 'none',
        requirements: ['bolt08-handshake-01'],
        each: {
          'act-one-mac': async (context: SubjectContext, link: RawLink) => {
            await link.write(withBadTag(actOne(context).bytes));
          },
          'act-one-version': async (context: SubjectContext, link: RawLink) => {
            await link.write(withVersion(actOne(context).bytes, 1));
          },
          'act-three-mac': async (context: SubjectContext, link: RawLink) => {
            const state = await upToActTwo(context, link, 'bolt08-handshake-01');
            await link.write(withBadTag(state.writeAct3().bytes));
          },
        },
      },
      async (context, offend) => {
        const bystander = await context.connect(BY_HAND);
        const pending = await context.dial();
        const { bytes, next } = actOne(context, 'a peer within its handshake');
        await pending.write(bytes);
        const offender = await context.dial();
        await offend(context, offender);
        await offender.expectClosed();
        await expectServed(context, 'bolt08-handshake-01', bystander);
        const state = accepted(context, 'bolt08-handshake-01', await actTwoOf(pending), (act) =>
          next.readAct2(act),
        );
        const actThree = state.writeAct3();
        await pending.write(actThree.bytes);
        await expectServed(context, 'bolt08-handshake-01', await pending.peer(actThree.next));
      },
    );

    test(
      'many-half-open',
      {
        title: 'serves others while many handshakes wait for their next byte, and then completes these',
        chain: 'none',
        requirements: ['bolt08-act-one-02'],
      },
      async (context) => {
        const own = 'bolt08-act-one-02';
        const waiting: { link: RawLink; act: ReturnType<typeof actOne> }[] = [];
        for (let i = 0; i < 8; i++) {
          const link = await context.dial();
          const act = actOne(context, `number ${i}`);
          await link.write(act.bytes.subarray(0, ACT_ONE_LENGTH - 1));
          waiting.push({ link, act });
        }
        await expectServed(context, own);
        for (const { link, act } of waiting.reverse()) {
          await link.write(act.bytes.subarray(ACT_ONE_LENGTH - 1));
          accepted(context, own, await actTwoOf(link), (actTwo) => act.next.readAct2(actTwo));
        }
      },
    );

    test(
      'unfinished-frame',
      {
        title: 'serves others while a peer has announced a large message and sent only a part of it',
        chain: 'none',
        requirements: ['bolt08-decrypting-04'],
      },
      async (context) => {
        const own = 'bolt08-decrypting-04';
        const bystander = await context.connect(BY_HAND);
        const slow = await context.connect(BY_HAND);
        const frame = slow.transport.encrypt(ping(7, LARGEST_MESSAGE - 6));
        await slow.writeFrames(frame.subarray(0, 40_000));
        await expectServed(context, own, bystander);
        await expectServed(context, own);
        await slow.writeFrames(frame.subarray(40_000));
        const pong = await slow.expect('pong');
        context.check(own, pong.ignored.length === 7, { expected: 7, got: pong.ignored.length });
      },
    );

    test(
      'broken-frame',
      {
        title: 'ends only the connection on which a frame cannot be decrypted',
        chain: 'none',
        requirements: ['bolt08-noise-01'],
        each: { before: 'before', after: 'after' },
      },
      async (context, when) => {
        const bystander = when === 'before' ? await context.connect(BY_HAND) : undefined;
        const offender = await context.connect(BY_HAND);
        const later = bystander ?? (await context.connect(BY_HAND));
        // One message of the bystander is under way when the other connection breaks.
        const frame = later.transport.encrypt(ping(7));
        await later.writeFrames(frame.subarray(0, 20));
        await offender.writeFrames(concat(withBadTag(offender.transport.encrypt(ping(9))), zeros(100)));
        await offender.expectConnectionClosed();
        await later.writeFrames(frame.subarray(20));
        const pong = await later.expect('pong');
        context.check('bolt08-noise-01', pong.ignored.length === 7, {
          expected: 7,
          got: pong.ignored.length,
        });
        await expectServed(context, 'bolt08-noise-01', later);
        const again = await context.connect({ key: offender.key, ...BY_HAND });
        await expectServed(context, 'bolt08-noise-01', again);
      },
    );
  },
);
