import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ConfigError, readConfig } from '../../src/config';

function faultsOf(variables: Readonly<Record<string, string>>): string[] {
  try {
    readConfig(variables);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  return [];
}

describe('the settings', () => {
  it('have defaults that need nothing to be set', () => {
    expect(readConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 4000,
      modelsDir: path.join(__dirname, '../../models'),
      engines: availableParallelism(),
      engineThreads: 1,
      defaultTimeoutMs: 10_000,
      logLevel: 'info',
    });
  });

  it('log predictions only at a share that is one', () => {
    expect(readConfig({}).predictionLog).toBeUndefined();
    expect(readConfig({ PREDICTQL_PREDICTION_LOG_SHARE: '.01' }).predictionLog).toEqual({
      share: 0.01,
      keepsInput: false,
      maxBytes: 256 * 2 ** 20,
    });
    for (const share of ['1.5', '-1', '10%', 'yes'])
      expect(faultsOf({ PREDICTQL_PREDICTION_LOG_SHARE: share })).toEqual([
        'PREDICTQL_PREDICTION_LOG_SHARE: expected a share from 0 to 1',
      ]);
  });

  it('are read from their variables', () => {
    const config = readConfig({
      HOST: '0.0.0.0',
      PORT: '0',
      PREDICTQL_MODELS_DIR: 'some/models',
      PREDICTQL_ENGINES: '3',
      PREDICTQL_ENGINE_THREADS: '2',
      PREDICTQL_MAX_QUEUE: '7',
      PREDICTQL_LOG_LEVEL: 'silent',
    });
    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 0,
      modelsDir: path.resolve('some/models'),
      engines: 3,
      engineThreads: 2,
      maxQueue: 7,
      logLevel: 'silent',
    });
  });

  it('fetch pictures from nowhere unless they name hosts', () => {
    expect(readConfig({}).imageHosts).toEqual([]);
    expect(readConfig({ PREDICTQL_IMAGE_HOSTS: 'a.test,*.b.test:8443' }).imageHosts).toEqual([
      { name: 'a.test', port: 443, isSuffix: false },
      { name: 'b.test', port: 8443, isSuffix: true },
    ]);
    expect(faultsOf({ PREDICTQL_IMAGE_HOSTS: 'https://a.test' })).toEqual([
      'PREDICTQL_IMAGE_HOSTS: expected host names such as images.example.org, *.example.org or images.example.org:8443',
    ]);
  });

  it('take an empty variable for one that is not set', () => {
    expect(readConfig({ PORT: '', HOST: '' })).toEqual(readConfig({}));
  });

  it('do not change once they are read', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });

  it.each([
    ['PORT', 'http', 'expected a whole number from 0 to 65535'],
    ['PORT', '-1', 'expected a whole number from 0 to 65535'],
    ['PORT', '80.5', 'expected a whole number from 0 to 65535'],
    ['PORT', '1e3', 'expected a whole number from 0 to 65535'],
    ['PORT', ' 80', 'expected a whole number from 0 to 65535'],
    ['PORT', '65536', 'expected at most 65535'],
    ['PREDICTQL_ENGINES', '0', 'expected at least 1'],
    ['PREDICTQL_ENGINES', '257', 'expected at most 256'],
    ['PREDICTQL_ENGINE_THREADS', '0', 'expected at least 1'],
    ['PREDICTQL_MAX_QUEUE', 'many', 'expected a whole number from 1 to 1000000'],
    ['PREDICTQL_MAX_BODY_BYTES', '16mb', 'expected a whole number from 1000 to 1000000000'],
    ['PREDICTQL_MAX_IMAGE_PIXELS', '0', 'expected at least 1'],
    ['PREDICTQL_MAX_QUERY_COST', '0', 'expected at least 1'],
    ['PREDICTQL_INTROSPECTION', 'no', 'invalid option: expected one of "on"|"off"'],
  ])('refuse %s=%s and say what was expected', (name, value, message) => {
    expect(faultsOf({ [name]: value })).toEqual([`${name}: ${message}`]);
  });

  it('refuse a log level that there is none of, and list those there are', () => {
    const [fault, ...others] = faultsOf({ PREDICTQL_LOG_LEVEL: 'loud' });
    expect(others).toEqual([]);
    expect(fault).toMatch(/^PREDICTQL_LOG_LEVEL: .*"debug".*"silent"/);
  });

  it('refuse a name that is no setting: it is a mistake in writing', () => {
    expect(faultsOf({ PREDICTQL_ENGINE: '2', PATH: '/bin', HOME: '/root' })).toEqual([
      'PREDICTQL_ENGINE: there is no such setting',
    ]);
  });

  it('name all that is wrong at once', () => {
    const faults = faultsOf({ PORT: 'x', PREDICTQL_ENGINES: '0', PREDICTQL_MAX_QUEUE: '-4', PREDICTQL_COLOUR: 'red' });
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'PORT',
      'PREDICTQL_ENGINES',
      'PREDICTQL_MAX_QUEUE',
      'PREDICTQL_COLOUR',
    ]);
  });
});

describe('the settings of tracing', () => {
  const endpoint = 'http://collector:4318';

  it('trace nothing without an endpoint, or where told to', () => {
    expect(readConfig({ OTEL_SERVICE_NAME: 'scoring' }).tracing).toBeUndefined();
    for (const off of [{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }])
      expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...off }).tracing).toBeUndefined();
  });

  it('need no more than an endpoint', () => {
    expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/` }).tracing).toEqual({
      ...{ url: `${endpoint}/v1/traces`, headers: {}, timeoutMs: 10_000 },
      ...{ sampler: 'parentbased_traceidratio', ratio: 0.01, resource: { 'service.name': 'predictql' } },
    });
  });

  it('are read from the standard variables, those of traces before those of all', () => {
    const { tracing } = readConfig({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/in',
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=one, x-team=machine%20learning,',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'api-key=a=b',
      OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
      OTEL_TRACES_SAMPLER: 'traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '.25',
      OTEL_SERVICE_NAME: 'scoring',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=test',
    });
    expect(tracing).toEqual({
      ...{ url: 'https://traces.example/in', headers: { 'api-key': 'a=b', 'x-team': 'machine learning' } },
      ...{ timeoutMs: 2_000, sampler: 'traceidratio', ratio: 0.25 },
      resource: { 'service.name': 'scoring', 'deployment.environment.name': 'test' },
    });
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'expected an http or https address'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'SECRET', 'expected name=value pairs'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'api-key=SECRET%', 'expected name=value pairs'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'expected http/json'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', 'expected milliseconds'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote', 'expected one of "always_on"'],
    ['OTEL_TRACES_SAMPLER_ARG', '2', 'expected a share from 0 to 1'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'expected a share from 0 to 1'],
    ['OTEL_TRACES_SAMPLER_ARG', '1 %', 'expected a share from 0 to 1'],
  ])('refuse %s=%s and say what was expected, not what it was', (name, value, message) => {
    const [fault, ...others] = faultsOf({ [name]: value });
    expect(others).toEqual([]);
    expect(fault).toContain(name);
    expect(fault).toContain(message);
    expect(fault).not.toContain('SECRET');
  });
});
