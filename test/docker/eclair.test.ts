import { twoNodes } from './two-nodes-contract.ts';

for (const version of ['0.14.0', '0.13.1']) await twoNodes('eclair', version, 'keysend');
