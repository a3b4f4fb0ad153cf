// Who may import whom (ARCHITECTURE.md). `npm run check` runs it; tests/import-rules.test.ts breaks each rule once.
const inService = '^services/([^/]+)/src/'
// By the names of files, in whatever folder of a service they stand.
const doors = '^services/[^/]+/src/(http/|events\\.ts$)|^services/.*(/(http|worker|gauges)|-worker)\\.ts$'
const useCases = '/use-cases(?:/|\\.ts$)'
const wiring = '/(main|config)\\.ts$'
const stores = '-store\\.ts$'
// What speaks to somebody: by the file's name, by the module.
const network = '-client\\.ts$|^(?:node:)?(?:https?|http2|tls|dgram|dns)$|node_modules/(stripe|postgres)/'
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
      { path: '^(packages|demo|local|tools|bench|apps)/' },
      { path: '^services/' },
    ),
    forbid(
      'contracts-import-nothing-of-ours',
      'They must load in a browser.',
      { path: '^packages/contracts/src/' },
      { path: '^(services|apps|demo|local|tools|packages/(?!contracts))' },
    ),
    forbid(
      'simulators-stand-apart',
      'They play the other side: what they share with ours would hide a fault of both.',
      { path: '^packages/simulators/src/' },
      { path: '^(services|apps|demo|local|tools|packages/(?!simulators))' },
    ),
    forbid(
      'services-know-no-simulator',
      'They speak to providers by the real SDK or over HTTP.',
      { path: '^services/[^/]+/src/' },
      { path: '^packages/simulators/' },
    ),
    forbid(
      'services-know-nothing-around-them',
      'A service runs alone; only its tests borrow the catalogue and the books.',
      { path: '^services/[^/]+/src/' },
      { path: '^(demo|local|tools)/' },
    ),
    forbid(
      'demo-is-a-visitor',
      'It knows a mart by its public API alone, so that it can be shown on any; the start fills its shelves from here.',
      { path: '^demo/src/' },
      { path: `^(local|tools|packages/simulators)/|${kit}(?!eventually|fault)` },
    ),
    forbid(
      'nobody-imports-tools',
      'Whoever starts a mart or serves it needs none of them; tests and the bench read the books.',
      { path: '^(packages|services/[^/]+/src|apps|demo|local)/' },
      { path: '^tools/' },
    ),
    forbid(
      'tools-read-from-outside',
      'They work on a mart that somebody else runs, by its databases and its public API; the container alone runs simulators.',
      { path: '^tools/src/', pathNot: '^tools/src/containers/' },
      { path: '^packages/simulators/' },
    ),
    forbid(
      'kit-knows-no-business',
      'It knows the shape of an event and of a page, never a particular one.',
      { path: kit },
      { path: '^(services|apps|demo|local|tools)/|^packages/contracts/src/(?!events/define-event|http/shared-shapes)' },
    ),
    forbid(
      'rules-do-no-io',
      'Rules are tested without a database and without a partner.',
      {
        path: inService,
        pathNot: `${doors}|${wiring}|${useCases}|-(store|queries|client|writer|watch|numbers)\\.ts$|/instruments\\.ts$|/templates/`,
      },
      {
        path: `${kit}(?!backoff|errors|ids|mail-letter|mail-text|unproven-mails)|${useCases}|-(store|queries)\\.ts$|${network}|${doors}|${wiring}`,
      },
    ),
    forbid(
      'stores-know-only-rules',
      'A store turns rows into rules and back.',
      { path: `${inService}.*-(store|queries)\\.ts$` },
      {
        path: `${useCases}|${network}|${doors}|${wiring}|${kit}(?!postgres|errors|ids|pagination|mail-text|unproven-mails)`,
      },
    ),
    forbid(
      'use-cases-stand-alone',
      'A use case that calls another hides an event.',
      { path: useCases },
      { path: `${useCases}|-queries\\.ts$|${doors}|${wiring}` },
    ),
    forbid(
      'no-network-inside-a-transaction',
      'A slow partner must not hold a row lock: call it from a door.',
      { path: useCases },
      { path: network },
    ),
    forbid('doors-go-through-use-cases', 'A door never writes.', { path: doors }, { path: stores }),
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
    forbid(
      'pages-know-contracts-alone',
      'A page is given what it shows, and loads in a browser too.',
      { path: '^apps/web/(shop|ui)/' },
      { path: '^(services|packages/(?!contracts)[^/]+|apps/gateway|demo|local|tools)/' },
    ),
    forbid(
      'gateway-knows-no-service',
      'It asks them over HTTP; of the pages it knows their shapes, since they are built.',
      { path: '^apps/gateway/src/' },
      { path: '^(services|demo|local|tools|packages/simulators)/|^apps/web/(?!shop/pages\\.ts$)' },
    ),
    forbid('no-cycles', 'Neither file could be read first.', {}, { circular: true }),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    exclude: { path: '(^|/)\\.data/|^apps/web/build/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
    doNotFollow: { path: 'node_modules' },
  },
}
