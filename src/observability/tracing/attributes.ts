import type { Attributes } from '@opentelemetry/api';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_NETWORK_PROTOCOL_NAME,
  ATTR_URL_PATH,
} from '@opentelemetry/semantic-conventions';
import type { BatchFact, ObservedVersion, PredictionFact, RequestFact } from '../observer';

/** Still in development among the conventions, so they are written out here, as the conventions advise. */
const ATTR_GRAPHQL_OPERATION_NAME = 'graphql.operation.name';
const ATTR_GRAPHQL_OPERATION_TYPE = 'graphql.operation.type';

/** Operations are named by clients. */
const MAX_NAME = 80;
const PATH = '/graphql';

/** Never the document nor its variables, which hold what was sent; nor who asked, which is the log's to tell. */
export function attributesOfRequest({
  id,
  transport,
  method,
  status,
  operation,
  errors,
  hasLeft,
}: RequestFact): Attributes {
  const codes = [...new Set(errors.map(({ code }) => code))];
  return {
    [ATTR_NETWORK_PROTOCOL_NAME]: transport,
    [ATTR_URL_PATH]: PATH,
    ...(transport === 'http' && { [ATTR_HTTP_ROUTE]: PATH }),
    ...(method !== undefined && { [ATTR_HTTP_REQUEST_METHOD]: method }),
    ...(status !== undefined && { [ATTR_HTTP_RESPONSE_STATUS_CODE]: status }),
    ...(operation && { [ATTR_GRAPHQL_OPERATION_TYPE]: operation.type }),
    ...(operation?.name !== undefined && { [ATTR_GRAPHQL_OPERATION_NAME]: operation.name.slice(0, MAX_NAME) }),
    'predictql.request.id': id,
    ...(codes.length > 0 && { 'predictql.error.codes': codes }),
    ...(hasLeft && { 'predictql.left': true }),
  };
}

/** HTTP's spans are named by method and route, those of an operation alone by its type. */
export function nameOfRequest({ transport, method, operation }: RequestFact): string {
  return transport === 'http' ? `${method ?? 'HTTP'} ${PATH}` : (operation?.type ?? 'GraphQL Operation');
}

export function attributesOfPrediction({ id, task, version, role, outcome, times }: PredictionFact): Attributes {
  return {
    'predictql.prediction.id': id,
    ...attributesOfVersion({ task, modelName: version?.modelName, version: version?.version }),
    ...(role !== undefined && { 'predictql.model.role': role }),
    'predictql.outcome': outcome,
    ...(outcome === 'answered' && { 'predictql.batch.rows': times.batchSize }),
  };
}

export function attributesOfBatch({ version, predictions, rows, positions, padding }: BatchFact): Attributes {
  return {
    ...attributesOfVersion(version),
    'predictql.batch.predictions': predictions,
    'predictql.batch.rows': rows,
    ...(positions > 0 && { 'predictql.batch.positions': positions, 'predictql.batch.padding': padding }),
  };
}

function attributesOfVersion({ task, modelName, version }: Partial<ObservedVersion>): Attributes {
  return {
    ...(task !== undefined && { 'predictql.task': task }),
    ...(modelName !== undefined && { 'predictql.model.name': modelName }),
    ...(version !== undefined && { 'predictql.model.version': version }),
  };
}
