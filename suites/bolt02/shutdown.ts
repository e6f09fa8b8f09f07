import { suite, toHex } from 'boltgrid';
import { balanced, heldHtlc } from './_channels.ts';
import { ALLOWED_SCRIPTS, ANYSEGWIT_SCRIPTS, FORBIDDEN_SCRIPTS, P2WPKH, usable } from './_closing.ts';

/** BOLT 2, Closing Initiation. */
export default suite('bolt02/shutdown', { title: 'shutdown' }, ({ test }) => {
  test(
    'allowed-script',
    {
      title: 'answers a shutdown whose script has an allowed form',
      chain: 'confirm',
      requirements: ['bolt02-shutdown-14'],
      each: ALLOWED_SCRIPTS,
    },
    async (context, scriptpubkey) => {
      const channel = await usable(context, await balanced(await context.connect()));
      await channel.do({ do: 'shutdown', scriptpubkey });
      await channel.expect('shutdown', {}, { requirement: 'bolt02-shutdown-14' });
    },
  );

  test(
    'anysegwit-script',
    {
      title: 'answers a shutdown to a later version of witness programs where that was negotiated',
      chain: 'confirm',
      features: ['option_shutdown_anysegwit'],
      requirements: ['bolt02-shutdown-14'],
      each: ANYSEGWIT_SCRIPTS,
    },
    async (context, scriptpubkey) => {
      const channel = await usable(context, await balanced(await context.connect()));
      await channel.do({ do: 'shutdown', scriptpubkey });
      await channel.expect('shutdown', {}, { requirement: 'bolt02-shutdown-14' });
    },
  );

  test(
    'at-once',
    {
      title: 'answers a shutdown that comes as soon as the channel is ready',
      chain: 'confirm',
      requirements: ['bolt02-shutdown-14'],
    },
    async ({ connect }) => {
      const channel = await balanced(await connect());
      await channel.do({ do: 'shutdown', scriptpubkey: P2WPKH });
      await channel.expect('shutdown', {}, { requirement: 'bolt02-shutdown-14' });
    },
  );

  test(
    'forbidden-script',
    {
      title: 'warns of a shutdown whose script has no allowed form',
      chain: 'confirm',
      requirements: ['bolt02-shutdown-12'],
      each: FORBIDDEN_SCRIPTS,
    },
    async (context, scriptpubkey) => {
      const peer = await context.connect();
      const channel = await usable(context, await balanced(peer));
      await channel.do(
        { do: 'shutdown', scriptpubkey: P2WPKH },
        { shutdown: (fields) => ({ ...fields, scriptpubkey }) },
      );
      const { messages } = await peer.expectWarningOrClose({ requirement: 'bolt02-shutdown-12' });
      context.check('bolt02-shutdown-12', messages.length > 0, {
        expected: 'a warning',
        got: 'a close without a word',
      });
    },
  );

  test(
    'with-htlc',
    {
      title: 'answers a shutdown while an HTLC is pending, fulfills it, and closes then',
      chain: 'confirm',
      requirements: ['bolt02-shutdown-14'],
      ops: ['holdInvoice', 'settle', 'invoiceStatus'],
    },
    async (context) => {
      const { connect, node, secret } = context;
      const channel = await balanced(await connect());
      const preimage = secret('preimage');
      const id = await heldHtlc(context, channel, preimage);
      await channel.do({ do: 'shutdown', scriptpubkey: P2WPKH });
      await channel.expect('shutdown', {}, { requirement: 'bolt02-shutdown-14' });
      await node.call('settle', { preimage: toHex(preimage) });
      await channel.expectRemoved(id);
      await channel.close();
    },
  );

  test(
    'upfront-kept',
    {
      title: 'closes to the script that we gave upfront',
      chain: 'confirm',
      features: ['option_upfront_shutdown_script'],
      requirements: ['bolt02-shutdown-14'],
    },
    async (context) => {
      const peer = await context.connect();
      const options = { push_msat: 400_000_000n, upfront_shutdown_script: P2WPKH };
      const channel = await usable(context, await peer.openChannel(options));
      const { outputs } = await channel.close({ scriptpubkey: P2WPKH });
      const scripts = outputs.map(({ script }) => toHex(script));
      context.check('bolt02-shutdown-14', scripts.includes(toHex(P2WPKH)), {
        expected: toHex(P2WPKH),
        got: scripts,
      });
    },
  );

  test(
    'upfront-broken',
    {
      title: 'fails the connection where we close to another script than the one we gave upfront',
      chain: 'confirm',
      features: ['option_upfront_shutdown_script'],
      requirements: ['bolt02-shutdown-16'],
    },
    async (context) => {
      const peer = await context.connect();
      const options = { push_msat: 400_000_000n, upfront_shutdown_script: P2WPKH };
      const channel = await usable(context, await peer.openChannel(options));
      const { P2WSH: scriptpubkey = P2WPKH } = ALLOWED_SCRIPTS;
      await channel.do(
        { do: 'shutdown', scriptpubkey: P2WPKH },
        { shutdown: (fields) => ({ ...fields, scriptpubkey }) },
      );
      await peer.expectConnectionClosed({ requirement: 'bolt02-shutdown-16' });
    },
  );

  test(
    'its-own',
    {
      title: 'sends a shutdown of its own when it is told to close, to an allowed script',
      chain: 'confirm',
      requirements: ['bolt02-shutdown-10', 'bolt02-shutdown-09'],
      ops: ['close'],
    },
    async (context) => {
      const { connect, node, check } = context;
      const channel = await usable(context, await balanced(await connect()));
      await node.call('close', { channelId: toHex(channel.id) });
      // The engine judges its form, and that it is the one given upfront.
      const { scriptpubkey } = await channel.expect('shutdown', {}, { requirement: 'bolt02-shutdown-10' });
      const upfront = channel.commitments.terms.remote.upfront_shutdown_script ?? new Uint8Array(0);
      check('bolt02-shutdown-09', upfront.length === 0 || toHex(upfront) === toHex(scriptpubkey), {
        expected: upfront,
        got: scriptpubkey,
      });
      await channel.settle();
    },
  );
});
