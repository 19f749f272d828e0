/** The directions in which imports may point: see docs/architecture.md. */
const only = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/** Vendor packages, each with the folders or files that alone may import it. */
const vendors = [
  ['@aws-sdk/(client-s3|lib-storage|s3-request-presigner)', '^lib/storage/s3[-/]'],
  ['@supabase/storage-js', '^lib/storage/supabase[-/]'],
  ['tus-js-client', '^lib/(storage/supabase/|client/send-upload)'],
  ['@aws-sdk/client-(sagemaker|cloudwatch-logs|sts)', '^lib/training/launchers/sagemaker/client\\.ts$'],
  ['better-auth', '^lib/auth/local-identity\\.ts$'],
  ['(@supabase/(supabase-js|ssr)|jose)', '^lib/auth/supabase/'],
  ['@electric-sql/pglite', '^lib/db/'],
  ['pg-boss', '^lib/queue/'],
  ['piscina', '^lib/ingest/'],
  ['prom-client', '^lib/metrics/'],
]

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    only(
      'no-cycles',
      'Two files that need each other are one file; types alone may refer to each other.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    only(
      'nothing-imports-app',
      'Pages and handlers are the outermost layer.',
      { pathNot: '^app/' },
      { path: '^app/' },
    ),
    only(
      'app-composes',
      'A page composes components; a handler calls the endpoint table.',
      { path: '^app/' },
      { path: '^lib/', pathNot: '^lib/server/' },
    ),
    only(
      'components-call-the-api',
      'Screens know the typed caller and the shared types, not the server.',
      { path: '^components/' },
      {
        path: '^lib/',
        pathNot: '^lib/(client|display)/|\\.types\\.ts$|^lib/training/(compatibility|jobs/job-states)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    ),
    only(
      'cli-calls-the-api',
      'The command line speaks HTTP; only the check of a file runs here, by the rules of ingest.',
      { path: '^cli/' },
      {
        path: '^(lib|worker|web|components|app)/',
        pathNot:
          '^lib/(client|display|errors|config|ingest)/|\\.types\\.ts$|^lib/training/datasets/ingest-options\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    ),
    only(
      'next-at-the-edge',
      'The domain core knows no web framework.',
      { pathNot: '^(app|components|lib/server|web)/|^next\\.config' },
      { path: '^node_modules/next/' },
    ),
    only(
      'errors-know-no-transport',
      'Errors are thrown below every boundary.',
      { path: '^lib/errors/' },
      { path: '^lib/(?!errors/)' },
    ),
    only(
      'adapters-apart',
      'A store knows its contract and its SDK, never another store.',
      { path: '^lib/storage/(s3|supabase|local|memory)[-/]' },
      {
        path: '^lib/storage/(s3|supabase|local|memory)[-/]',
        pathNot: '^lib/storage/$1[-/]|^lib/storage/[a-z0-9]+/(limits|signature|link)\\.ts$',
      },
    ),
    only(
      'display-knows-nothing',
      'How numbers and times are written is the same for a screen and for a terminal.',
      { path: '^lib/display/' },
      { path: '^(app|components|cli|lib/(?!display/))' },
    ),
    only(
      'launchers-apart',
      'A launcher knows its contract, never another launcher.',
      { path: '^lib/training/launchers/([^/]+)/' },
      { path: '^lib/training/launchers/[^/]+/', pathNot: '^lib/training/launchers/$1/' },
    ),
    ...vendors.map(([vendor, home]) =>
      only(
        `vendor-${vendor.replaceAll(/[^a-z0-9]+/gi, '-')}`,
        'A vendor SDK is used in its one adapter.',
        { path: '^(app|components|lib|cli|web|worker)/', pathNot: `${home}|\\.test\\.ts$` },
        { path: `^node_modules/${vendor}/` },
      ),
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.next|\\.data)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
