import { twoNodes } from './two-nodes-contract.ts';

for (const version of ['26.06.6', '25.12.1']) await twoNodes('cln', version, 'fast');
