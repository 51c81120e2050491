import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import ts from 'typescript';

const SRC = path.join(__dirname, '../src');

/** The import order of src/README.md, lowest first: each may import what stands before it, and itself. */
const LAYERS: readonly (readonly string[])[] = [
  ['cancellation', 'errors', 'tensor', 'scalars.type', 'slices', 'validate-input'],
  ['observability'],
  ['context'],
  ['downloads'],
  ['transforms'],
  ['events'],
  ['engines'],
  ['registry'],
  ['prediction'],
  ['tasks'],
  ['guards'],
  ['graphql', 'schema-classes'],
  ['server', 'print-schema'],
  ['environment'],
  ['config'],
  ['app'],
  ['serve'],
  ['main', 'cli'],
];
/** These stand apart and import nothing of the rest. */
const APART = ['client', 'web'];
/** The scalars write clock times by a transform, which is pure and imports nothing. */
const ALLOWED_UPWARDS = [['scalars.type.ts', 'transforms/local-date-time.ts']];

const GRAPHQL_PACKAGES = /^(graphql($|[-/])|type-graphql|@apollo\/|@as-integrations\/|@graphql-yoga\/)/;
/** Where GraphQL may be met at run time. */
const MAY_IMPORT_GRAPHQL =
  /(\.(input|type|resolver)\.ts$)|^(guards|graphql|server)\/|^(app|schema-classes|print-schema)\.ts$/;

interface Import {
  readonly from: string;
  /** A file of `src`, or the name of a package. */
  readonly to: string;
  readonly isOwn: boolean;
  /** Erased by the compiler. */
  readonly isTypeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'));
const sources = new Map(files.map((file) => [file, parse(file)]));
const imports = [...sources].flatMap(([file, source]) => importsOf(file, source));

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(path.join(SRC, file), 'utf8'), ts.ScriptTarget.ES2022, true);
}

/** All imports of a file, wherever they stand: `import`, `export … from`, `import()`, `require()` and types by path. */
function importsOf(from: string, source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, isTypeOnly: boolean): void => {
    if (specifier && ts.isStringLiteralLike(specifier)) found.push(resolve(from, specifier.text, isTypeOnly));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isErased(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node)) {
      const { expression } = node;
      const isRequire = ts.isIdentifier(expression) && expression.text === 'require';
      if (isRequire || expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isErased(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = clause;
  return !name && namedBindings !== undefined && ts.isNamedImports(namedBindings)
    ? namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly)
    : false;
}

function resolve(from: string, specifier: string, isTypeOnly: boolean): Import {
  if (!specifier.startsWith('.')) return { from, to: specifier, isOwn: false, isTypeOnly };
  const target = path.posix.normalize(path.posix.join(path.posix.dirname(from), specifier)).replace(/\.js$/, '');
  const candidates = [target, `${target}.ts`, `${target}.tsx`, `${target}/index.ts`];
  const to = candidates.find((candidate) => files.includes(candidate)) ?? target;
  return { from, to, isOwn: true, isTypeOnly };
}

/** The folder of a file that lies in one, else its name without its ending. */
function stationOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] as string) : file.replace(/\.tsx?$/, '');
}

function layerOf(station: string): number {
  return LAYERS.findIndex((stations) => stations.includes(station));
}

const show = (all: readonly Import[]): string[] => all.map(({ from, to }) => `${from} imports ${to}`);
const runTime = (all: readonly Import[]): Import[] => all.filter(({ isTypeOnly }) => !isTypeOnly);

describe('the house', () => {
  it('has a place in the order for every folder and file', () => {
    const stations = [...new Set(files.map(stationOf))].filter((station) => !APART.includes(station));
    expect(stations.filter((station) => layerOf(station) === -1)).toEqual([]);
  });

  it('finds the files that are imported', () => {
    expect(imports.length).toBeGreaterThan(200);
    expect(show(imports.filter(({ to, isOwn }) => isOwn && !files.includes(to) && !to.endsWith('.json')))).toEqual([]);
  });

  it('is built from below: nothing imports what stands above it', () => {
    const upwards = imports.filter(({ from, to, isOwn }) => {
      const [own, other] = [stationOf(from), stationOf(to)];
      if (!isOwn || own === other || APART.includes(own) || APART.includes(other)) return false;
      if (ALLOWED_UPWARDS.some(([source, target]) => source === from && target === to)) return false;
      return layerOf(other) > layerOf(own);
    });
    expect(show(upwards)).toEqual([]);
  });

  it('has no circles', () => {
    const visited = new Set<string>();
    const circles: string[] = [];
    const walk = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) {
        circles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
        return;
      }
      if (visited.has(file)) return;
      visited.add(file);
      for (const { to } of runTime(imports.filter((each) => each.from === file && each.isOwn)))
        walk(to, [...trail, file]);
    };
    for (const file of files) walk(file, []);
    // Two types of GraphQL that name each other do so through functions, which run when both are there.
    const isBetweenTypes = (circle: string): boolean => circle.split(' → ').every((file) => file.endsWith('.type.ts'));
    expect(circles.filter((circle) => !isBetweenTypes(circle))).toEqual([]);
  });

  it('keeps the client and the console apart from the server', () => {
    const crossing = imports.filter(({ from, to, isOwn }) => {
      const [own, other] = [stationOf(from), stationOf(to)];
      if (!isOwn || own === other) return false;
      // The command line speaks to a running server as any other client does.
      return APART.includes(own) || (APART.includes(other) && own !== 'cli');
    });
    expect(show(crossing)).toEqual([]);
  });

  it('lets no task know another', () => {
    const taskOf = (file: string): string | undefined => /^tasks\/([^/]+)\//.exec(file)?.[1];
    const between = imports.filter(({ from, to }) => {
      const [own, other] = [taskOf(from), taskOf(to)];
      return own !== undefined && other !== undefined && own !== other;
    });
    expect(show(between)).toEqual([]);
  });
});

describe('what only some may do', () => {
  it('is to meet GraphQL at run time', () => {
    const others = runTime(imports).filter(
      ({ from, to }) => GRAPHQL_PACKAGES.test(to) && !MAY_IMPORT_GRAPHQL.test(from) && stationOf(from) !== 'client',
    );
    expect(show(others)).toEqual([]);
  });

  it('is to run models: nothing outside engines/onnx imports the runtime', () => {
    const others = imports.filter(({ from, to }) => to.startsWith('onnxruntime') && !from.startsWith('engines/onnx/'));
    expect(show(others)).toEqual([]);
  });

  it('is to trace: nothing outside observability/tracing imports OpenTelemetry', () => {
    const others = imports.filter(
      ({ from, to }) => to.startsWith('@opentelemetry/') && !from.startsWith('observability/tracing/'),
    );
    expect(show(others)).toEqual([]);
  });

  it('is to read the environment: config.ts', () => {
    const readers = [...sources]
      .filter(([file, source]) => file !== 'config.ts' && readsEnvironment(source))
      .map(([file]) => file);
    expect(readers).toEqual([]);
    expect(readsEnvironment(sources.get('config.ts') as ts.SourceFile)).toBe(true);
  });

  it('is to put services together: app.ts', () => {
    const services = ['ProcessPool', 'Registry', 'Dispatcher', 'Admission', 'Predictor', 'PredictionField'];
    const wiring = [...sources]
      .filter(([file]) => file !== 'app.ts')
      .flatMap(([file, source]) => constructedIn(source).map((name) => ({ file, name })))
      .filter(({ name }) => services.includes(name))
      .map(({ file, name }) => `${file} makes a ${name}`);
    expect(wiring).toEqual([]);
    expect(constructedIn(sources.get('app.ts') as ts.SourceFile)).toEqual(expect.arrayContaining(services));
  });

  it('is to be imported without being among the dependencies: what Node brings along', () => {
    const manifest = JSON.parse(readFileSync(path.join(SRC, '../package.json'), 'utf8')) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
    const known = new Set([...Object.keys(manifest.dependencies), ...builtinModules]);
    const nameOf = (to: string): string =>
      (to.startsWith('@') ? to.split('/').slice(0, 2) : to.split('/', 1)).join('/');
    const unknown = runTime(imports).filter(
      ({ to, isOwn }) => !isOwn && !to.startsWith('node:') && !known.has(nameOf(to)),
    );
    expect(show(unknown)).toEqual([]);
  });
});

/** Whether a file reads `process.env`, under whatever name; what it sets there is for libraries to read. */
function readsEnvironment(source: ts.SourceFile): boolean {
  let isRead = false;
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.name.text === 'env')
      isRead ||= node.expression.getText().endsWith('process') && !isSet(node.parent);
    if (ts.isBindingElement(node) && (node.propertyName ?? node.name).getText() === 'env')
      isRead ||= node.parent.parent.getText().endsWith('process');
    ts.forEachChild(node, visit);
  };
  visit(source);
  return isRead;
}

function isSet(variable: ts.Node): boolean {
  const { parent } = variable;
  const isAssigned = ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  return isAssigned && parent.left === variable;
}

/** Names of the classes that a file makes instances of. */
function constructedIn(source: ts.SourceFile): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node)) names.push(node.expression.getText());
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}
