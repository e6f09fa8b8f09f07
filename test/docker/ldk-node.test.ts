import { twoNodes } from './two-nodes-contract.ts';

for (const version of ['0.7.1', '0.6.2']) await twoNodes('ldk-node', version, 'default');
