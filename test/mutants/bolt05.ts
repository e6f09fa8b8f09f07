import { changed, type Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [
  {
    name: 'close-without-a-broadcast',
    breaks: 'bolt05-failing-a-channel-06',
    kills: ['bolt05/unilateral#own'],
    change: changed('onchain', {
      penalties: () => 'separate',
      owed: ({ transactions }) =>
        transactions.filter(({ requirements }) => !requirements.includes('bolt05-failing-a-channel-06')),
    }),
  },
];
