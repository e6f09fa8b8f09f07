import { expect, test } from 'vitest';
import { changedRules } from './rules.ts';
import { Partner, world } from './partner.ts';

test('a channel is accepted, funded and ready', async () => {
  const partner = await Partner.connect(await world());
  await partner.open();
  expect(await partner.peer.upToPong()).toEqual([]);
  const [held] = partner.world.node.desk.channels.all();
  expect(held?.channel).toMatchObject({ name: 'live', readying: { name: 'open' } });
});

test.each([['option_scid_alias'], ['option_simple_close']] as const)('with %s', async (feature) => {
  const partner = await Partner.connect(await world(), [feature]);
  partner.answers = { ...partner.answers, alias: '16000000x1x1' };
  await partner.open();
  expect(partner.live.readying.name).toBe('open');
});

test('a channel goes on after a reconnection', async () => {
  const partner = await Partner.connect(await world());
  await partner.open();
  await partner.reconnect();
  await partner.expect('channel_reestablish');
  await partner.expect('channel_ready');
  expect(await partner.peer.upToPong()).toEqual([]);
});

test('a node that was stopped knows its channels afterwards', async () => {
  const { node, chain } = await world();
  const partner = await Partner.connect({ node, chain });
  await partner.open();
  await node.stop();
  await node.listen();
  await partner.reconnect();
  await partner.expect('channel_reestablish');
  await partner.expect('channel_ready');
});

test('a channel that the peer breaks fails with an error, again after a reconnection, and its commitment is broadcast', async () => {
  const at = await world();
  const partner = await Partner.connect(at);
  await partner.open();
  const { channel_id } = partner.live.readying.commitments.terms;
  await partner.send({
    name: 'update_fulfill_htlc',
    fields: { channel_id, id: 0n, payment_preimage: new Uint8Array(32), tlvs: {} },
  });
  const error = await partner.expect('error');
  expect(error.fields).toMatchObject({ channel_id });
  await at.node.desk.sync();
  const { funding } = partner.live.readying.commitments.fundings[0];
  expect(await at.chain.spender(funding.txid, funding.output_index)).toMatchObject({ confirmations: 0 });
  await partner.reconnect();
  expect(await partner.expect('error')).toEqual(error);
});

test('an error of the peer fails the channel', async () => {
  const at = await world();
  const partner = await Partner.connect(at);
  await partner.open();
  const { channel_id } = partner.live.readying.commitments.terms;
  await partner.send({ name: 'error', fields: { channel_id, data: new Uint8Array(0) } });
  expect(await partner.peer.upToPong()).toEqual([]);
  await at.node.desk.sync();
  const { funding } = partner.live.readying.commitments.fundings[0];
  expect(await at.chain.spender(funding.txid, funding.output_index)).toBeDefined();
});

test('what is refused is said with the temporary id, and other channels can be opened', async () => {
  const partner = await Partner.connect(await world());
  await partner.sayOpen({ to_self_delay: 3000 });
  expect(await partner.expect('error')).toMatchObject({
    fields: { channel_id: new Uint8Array(32).fill(9) },
  });
  await partner.open();
});

test('undefined flags are ignored', async () => {
  const partner = await Partner.connect(await world());
  await partner.sayOpen();
  const { channel } = partner;
  if (channel.name !== 'opening' || channel.opening.name !== 'awaits_accept_channel') throw new Error();
  expect((await partner.take()).name).toBe('accept_channel');
  const temporary_channel_id = new Uint8Array(32).fill(10);
  await partner.send({
    name: 'open_channel',
    fields: { ...channel.opening.open, temporary_channel_id, channel_flags: 0xfe },
  });
  expect(await partner.peer.next()).toMatchObject({ name: 'accept_channel' });
});

test('a mutant that never says channel_ready', async () => {
  const at = await world({
    rules: changedRules('channels', {
      outgoing: (messages) =>
        messages.filter((message) => message instanceof Uint8Array || message.name !== 'channel_ready'),
    }),
  });
  const partner = await Partner.connect(at);
  await partner.fund();
  await partner.confirm(6);
  expect(await partner.peer.upToPong()).toEqual([]);
});
