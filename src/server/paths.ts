/** Where the API is, over HTTP and WebSocket alike. */
export const GRAPHQL_PATH = '/graphql';

export const PLAYGROUND_PATH = '/playground';

/** What Prometheus reads. */
export const METRICS_PATH = '/metrics';
