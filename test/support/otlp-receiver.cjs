// What stands for an OpenTelemetry collector: takes OTLP over HTTP as JSON, and hands over what it has on request.
// It answers on the port that is its argument (0: a free one), of which it tells over IPC.
const http = require('node:http');

const received = [];

const server = http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, url, headers } = request;
  received.push({ method, url, headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});

process.on('message', (id) => process.send({ id, received }));
process.on('disconnect', () => process.exit());
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => process.send({ port: server.address().port }));
