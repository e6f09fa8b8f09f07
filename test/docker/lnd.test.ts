import { twoNodes } from './two-nodes-contract.ts';

await twoNodes('lnd', '0.21.2', 'default');
for (const version of ['0.20.2', '0.19.3', '0.18.5']) await twoNodes('lnd', version, 'fast');
