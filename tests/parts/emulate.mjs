// Services of npm's emulate, each on a port of its own.
//
// Run by node. It reads one line of JSON from standard input: where npm's packages are, and for each service its seed,
// with the origin under which clients know it. It prints {SERVICE: PORT} when all listen, and ends when standard input
// does.

import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

console.log = console.error; // standard output is for the ports
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const settings = JSON.parse((await lines.next()).value);
const { createEmulator } = await import(pathToFileURL(`${settings.node_modules}/emulate/dist/api.js`));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const ports = {};
for (const [service, { origin, seed }] of Object.entries(settings.services)) {
  ports[service] = await freePort();
  await createEmulator({ service, port: ports[service], baseUrl: origin, seed: { [service]: seed } });
}
process.stdout.write(`${JSON.stringify(ports)}\n`);
await lines.next();
process.exit(0);
