/** The server as it is, but for the predictor: every prediction is answered at once by a constant. */
import type * as AppModule from '../src/app';
import type * as ConfigModule from '../src/config';
import type * as LoggerModule from '../src/observability/logger';
import type * as PredictorModule from '../src/prediction/predictor';
import { requireCompiled } from './compiled';

const { createApp } = requireCompiled('app') as typeof AppModule;
const { readConfig } = requireCompiled('config') as typeof ConfigModule;
const { createLogger } = requireCompiled('observability/logger') as typeof LoggerModule;
const { Predictor } = requireCompiled('prediction/predictor') as typeof PredictorModule;

/** What each task's fields are read from; the names are those of the real results. */
const RESULTS: Readonly<Record<string, object>> = {
  'classify-image': {
    labels: Array.from({ length: 5 }, (_, index) => ({
      code: `n0000000${index}`,
      name: 'Egyptian cat',
      definition: 'a domestic cat of Egypt',
      confidence: 0.1 + index / 1_000,
    })),
    image: { width: 1280, height: 960, format: 'jpeg', bytes: 200_000 },
  },
  sentiment: { label: 'POSITIVE', confidence: 0.98, score: 0.96, tokens: 24, truncated: false },
  'fraud-score': { probability: 0.02, riskLevel: 'LOW', flagged: false, threshold: 0.5 },
};

const common = {
  id: '00000000-0000-4000-8000-000000000000',
  servedBy: { modelName: 'constant', version: '1', role: 'live' },
  timing: { totalMs: 0, preprocessMs: 0, queueMs: 0, inferenceMs: 0, postprocessMs: 0, batchSize: 1 },
};

class ConstantPredictor extends Predictor {
  override predict: PredictorModule.Predictor['predict'] = ({ name }) =>
    Promise.resolve({ ...common, ...RESULTS[name] } as never);
}

void main();

async function main(): Promise<void> {
  const config = readConfig();
  const app = await createApp(config, createLogger(config.logLevel), {
    createPredictor: (options) => new ConstantPredictor(options),
  });
  process.on('SIGTERM', () => void app.close().then(() => process.exit()));
  await app.start();
  process.stdout.write('PredictQL is ready.\n');
}
