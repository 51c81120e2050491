/** Where the API is, over HTTP and WebSocket alike. */
export const GRAPHQL_PATH = '/graphql';

export const PLAYGROUND_PATH = '/playground';

/** What Prometheus reads. */
export const METRICS_PATH = '/metrics';

/** The answer where there is no page and no API. */
export const NOTHING_HERE = { message: `There is nothing here. The API is at ${GRAPHQL_PATH}.` };
