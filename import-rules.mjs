// Who may import whom (ARCHITECTURE.md). `npm run check` runs it; tests/import-rules.test.ts breaks each rule once.
const inService = '^services/([^/]+)/src/'
const doors = '/src/(http|events|worker)\\.ts$|-worker\\.ts$|^services/[^/]+/src/http/'
const wiring = '/(main|config)\\.ts$'
const stores = '-store\\.ts$'
const kit = '^packages/service-kit/src/'
const events = '^packages/contracts/src/events/'

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

export default {
  forbidden: [
    forbid(
      'services-never-import-services',
      'They talk by events and HTTP.',
      { path: '^services/([^/]+)/' },
      { path: '^services/', pathNot: '^services/$1/' },
    ),
    forbid(
      'nobody-imports-a-service',
      'A service is a process; what it shares is in packages/contracts.',
      { path: '^(packages|local|bench|apps)/' },
      { path: '^services/' },
    ),
    forbid(
      'contracts-import-nothing-of-ours',
      'They must load in a browser.',
      { path: '^packages/contracts/src/' },
      { path: '^(services|apps|local|packages/(?!contracts))' },
    ),
    forbid(
      'kit-knows-no-business',
      'It knows the shape of an event and of a page, never a particular one.',
      { path: kit },
      { path: '^(services|apps|local)/|^packages/contracts/src/(?!events/define-event|http/shared-shapes)' },
    ),
    forbid(
      'rules-do-no-io',
      'Rules are tested without a database.',
      {
        path: `${inService}[^/]+\\.ts$`,
        pathNot: `${doors}|${wiring}|-(store|queries|client|writer|watch|numbers)\\.ts$|/templates/`,
      },
      {
        path: `${kit}(?!errors|ids|mail-text|unproven-mails)|/use-cases/|-(store|queries|client)\\.ts$|${doors}|${wiring}`,
      },
    ),
    forbid(
      'stores-know-only-rules',
      'A store turns rows into rules and back.',
      { path: `${inService}.*-(store|queries)\\.ts$` },
      {
        path: `/use-cases/|-client\\.ts$|${doors}|${wiring}|${kit}(?!postgres|errors|ids|pages|mail-text|unproven-mails)`,
      },
    ),
    forbid(
      'use-cases-stand-alone',
      'A use case that calls another hides an event.',
      { path: `${inService}use-cases/` },
      { path: `/use-cases/|-queries\\.ts$|${doors}|${wiring}` },
    ),
    forbid(
      'no-network-inside-a-transaction',
      'A slow partner must not hold a row lock: call it from a door.',
      { path: `${inService}use-cases/` },
      { path: '-client\\.ts$' },
    ),
    forbid(
      'doors-go-through-use-cases',
      'A door never writes.',
      { path: `${inService}((http|events|worker)\\.ts$|[a-z]+-worker\\.ts$|http/)` },
      { path: stores },
    ),
    forbid(
      'only-events-ts-hears-others',
      'What a service listens to is listed in one file.',
      { path: inService, pathNot: '/events\\.ts$' },
      {
        path: events,
        pathNot: `${events}($1-events|define-event|shared-shapes)\\.ts$`,
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid('no-cycles', 'Neither file could be read first.', {}, { circular: true }),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    exclude: { path: '(^|/)(node_modules|\\.data)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
    doNotFollow: { path: 'node_modules' },
  },
}
