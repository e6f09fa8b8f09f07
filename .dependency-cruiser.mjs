/**
 * The layer rule: a room imports only from rooms above it (docs/decisions/0001-architecture.md). Rooms in one row of the list are
 * siblings and never import each other.
 */
const ROOMS = [
  ['core'],
  ['spec'],
  ['crypto'],
  ['noise'],
  ['wire'],
  ['bitcoin'],
  ['channel'],
  ['chain'],
  ['peer', 'reference', 'runtime'],
  ['nodes'],
  ['suite'],
  ['matrix'],
  ['journal'],
  ['runner'],
  ['report'],
  ['cli'],
];

const upwards = ROOMS.flatMap((row, index) =>
  row.map((room) => {
    const below = ROOMS.slice(index)
      .flat()
      .filter((other) => other !== room);
    return {
      name: `${room}-imports-only-rooms-above-it`,
      comment: `src/${room}/ may import: ${ROOMS.slice(0, index).flat().join(', ') || 'nothing of ours'}.`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: `^src/(${below.join('|')})/` },
    };
  }),
);

export default {
  forbidden: [
    ...upwards.filter(({ to }) => !to.path.includes('()')),
    {
      name: 'report-never-imports-runner',
      comment: 'Every report is a pure function of journals.',
      severity: 'error',
      from: { path: '^src/report/' },
      to: { path: '^src/(runner|nodes|runtime|peer|chain|noise)/' },
    },
    {
      name: 'only-crypto-names-a-crypto-library',
      comment: 'src/crypto/ is the one place that names a crypto library.',
      severity: 'error',
      from: { path: '^(src|suites|images)/', pathNot: '^src/crypto/' },
      to: { path: 'node_modules/(@noble|tiny-secp256k1)/' },
    },
    {
      name: 'suites-import-only-the-library',
      comment: 'A suite is written against what any other repository can import, too.',
      severity: 'error',
      from: { path: '^suites/' },
      to: { path: '^(src|images|test)/', pathNot: '^(src/index\\.ts|suites/)' },
    },
    {
      name: 'drivers-import-only-the-driver-library',
      severity: 'error',
      from: { path: '^images/' },
      to: { path: '^(src|suites|test)/', pathNot: '^src/driver\\.ts' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^(src|suites|images)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^ldk$' } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['boltgrid:source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
