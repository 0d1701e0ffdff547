/** The direction of imports (docs/architecture.md), checked by `npm test`. */
const below = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: to },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    below('base-knows-nobody', '^main/base/', '^main/(?!base/)', 'base stands alone'),
    below(
      'foundations-know-no-features',
      '^main/(identity|store|link|deployment|router)/',
      '^main/(share|forward|peer|api|cli|desktop|headless|main|peer-thread)',
      'router, link, identity, store and deployment know none of what stands on them',
    ),
    below(
      'store-knows-base-only',
      '^main/store/',
      '^main/(?!store/|base/)',
      'the store knows no domain',
    ),
    below(
      'router-ships-alone',
      '^main/router/',
      '^main/(?!router/|base/)',
      'the router could ship alone',
    ),
    {
      name: 'link-stands-on-types',
      comment: 'link/ gets identity and deployment handed in; it imports their types at most',
      severity: 'error',
      from: { path: '^main/link/' },
      to: { path: '^main/(identity|store)/', dependencyTypesNot: ['type-only'] },
    },
    below(
      'features-know-no-hosts',
      '^main/(share|forward)/',
      '^main/(peer|api|cli|desktop|hosting|headless|main|peer-thread)',
      'features are composed by peer/',
    ),
    below(
      'contract-stands-alone',
      '^main/api/contract\\.ts$',
      '^main/(?!api/contract)',
      'the contract imports schemas only',
    ),
    below(
      'api-is-hosted',
      '^main/api/',
      '^main/(cli|desktop|hosting|headless|main|peer-thread)',
      'hosts use the api, not the reverse',
    ),
    below(
      'peer-knows-no-api',
      '^main/peer/',
      '^main/(api|cli|desktop|hosting|headless|main|peer-thread)',
      'the api speaks for the peer, hosts host it',
    ),
    {
      name: 'electron-only-in-desktop',
      severity: 'error',
      from: {
        pathNot: '^(main/desktop/|main/main\\.ts$|preload/|test/desktop/|scripts/start\\.ts$)',
      },
      to: { path: '(^electron$|node_modules/electron/|electron-stub)' },
    },
    {
      name: 'renderer-knows-types-only',
      severity: 'error',
      from: { path: '^(renderer|preload)/' },
      to: { path: '^main/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'renderer-knows-the-contract-only',
      severity: 'error',
      from: { path: '^(renderer|preload)/' },
      to: { path: '^main/', pathNot: '^main/api/contract\\.ts$' },
    },
    {
      name: 'product-needs-no-dev-dependency',
      severity: 'error',
      from: { path: '^main/', pathNot: '^main/(desktop/|main\\.ts$)' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'tests-stay-out-of-the-product',
      severity: 'error',
      from: { path: '^(main|renderer|preload)/' },
      to: { path: '^(test|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.svelte', '.json'],
    },
    exclude: { path: '^dist/' },
  },
};
