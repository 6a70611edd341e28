// A small site with npm's oidc-provider: login form, consent form, tokens, revocation, who is asking, and a log.
//
// Run by node. It reads one line of JSON from standard input (see `Settings` in oidc_provider.py), prints {"port": N}
// on a line of its own when it listens, and ends when standard input does.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const HEAD = '<!doctype html><html lang="en"><meta charset="utf-8">';
const LOGIN_PAGE = `${HEAD}<title>Log in</title>
<form method="post"><label>Name <input name="login"></label> <button id="log-in">Log in</button></form></html>`;
const CONSENT_PAGE = `${HEAD}<title>Allow this app?</title>
<form method="post"><button id="allow" name="choice" value="allow">Allow</button>
<button id="deny" name="choice" value="deny">Deny</button></form></html>`;

function configuration(settings) {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    claims: { openid: ['sub', 'email'], email: ['email'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clients: settings.clients.map(registered),
    cookies: { keys: [randomBytes(32).toString('hex')] },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: { enabled: true, getResourceServerInfo: resourceServer },
      revocation: { enabled: true },
      ...(settings.open_to_clients ? openToClients : {}),
      ...(settings.pushed ? { pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true } } : {}),
      ...(settings.documents ? { clientIdMetadataDocument: { enabled: true, ack: 'draft-02' } } : {}),
    },
    fetch: documentsOf(settings),
    findAccount: (ctx, login) => ({
      accountId: login,
      claims: () => ({ sub: login, email: `${login}@example.com` }),
    }),
    issueRefreshToken: () => true,
    jwks: { keys: [privateKey.export({ format: 'jwk' })] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access', 'read', 'write'],
    ttl: { AccessToken: (ctx, token) => token.resourceServer?.accessTokenTTL ?? 3600 },
  };
}

// Anybody may register a client, and a device may ask for a code.
const openToClients = {
  registration: { enabled: true },
  registrationManagement: { enabled: true },
  clientCredentials: { enabled: true },
  deviceFlow: {
    enabled: true,
    userCodeInputSource: (ctx, form) => {
      ctx.body = `${HEAD}<title>Type the code</title>${form}</html>`;
    },
    userCodeConfirmSource: (ctx, form) => {
      ctx.body = `${HEAD}<title>Is it this code?</title>${form}</html>`;
    },
    successSource: (ctx) => {
      ctx.body = `${HEAD}<title>Done</title></html>`;
    },
  },
};

// Gets client metadata documents where the test has put them: no test asks the internet.
function documentsOf({ documents }) {
  return async (url) => {
    const document = documents?.[String(url)];
    return document ? Response.json(document) : new Response(null, { status: 404 });
  };
}

// A native client, because only such a one may come back to any loopback port (RFC 8252 §7.3).
function registered({ client_id, secret, redirect_uris }) {
  return {
    client_id,
    ...(secret === null ? {} : { client_secret: secret }),
    token_endpoint_auth_method: secret === null ? 'none' : 'client_secret_basic',
    application_type: 'native',
    redirect_uris,
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token'],
  };
}

function resourceServer(ctx, resource) {
  const jwt = { sign: { alg: 'ES256' } };
  return { scope: 'read write', audience: resource, accessTokenFormat: 'jwt', accessTokenTTL: 300, jwt };
}

// What has happened. Grants have numbers, in the order in which they are first heard of; tokens are not in it.
class Log {
  events = [];
  #grants = [];

  add(kind, token, ctx, grantId, outcome) {
    const client = ctx.oidc.client?.clientId ?? null;
    this.events.push({ kind, token, client, grant: this.#number(grantId), outcome });
  }

  #number(grantId) {
    if (!grantId) return null;
    if (!this.#grants.includes(grantId)) this.#grants.push(grantId);
    return this.#grants.indexOf(grantId) + 1;
  }

  listen(provider) {
    provider.on('authorization.success', (ctx) => {
      const { kind, grantId } = ctx.oidc.entities.AuthorizationCode ?? ctx.oidc.entities.DeviceCode;
      this.add('authorize', kind, ctx, grantId, 'success');
    });
    provider.on('authorization.error', (ctx, error) => this.add('authorize', null, ctx, null, error.error));
    provider.on('grant.success', (ctx) => {
      const { AccessToken, ClientCredentials, RefreshToken } = ctx.oidc.entities;
      for (const { kind, grantId } of [AccessToken, ClientCredentials, RefreshToken].filter(Boolean)) {
        this.add('issued', kind, ctx, grantId, ctx.oidc.params.grant_type);
      }
    });
    // What was used before is told by what came of it: the grant has ended in the same request.
    const ended = new WeakMap();
    provider.on('grant.revoked', (ctx, grantId) => {
      ended.set(ctx, grantId);
      this.add('grant.revoked', null, ctx, grantId, ctx.oidc.route);
    });
    provider.on('grant.error', (ctx, error) => {
      const token = ctx.oidc.params?.grant_type === 'refresh_token' ? 'RefreshToken' : 'AuthorizationCode';
      if (ended.has(ctx)) this.add('reuse', token, ctx, ended.get(ctx), error.error);
      else this.add('refused', null, ctx, null, error.error);
    });
    provider.on('registration_create.success', (ctx) => this.add('registered', null, ctx, null, 'success'));
    provider.on('pushed_authorization_request.success', (ctx) => this.add('pushed', null, ctx, null, 'success'));
    provider.on('revocation.error', (ctx, error) => this.#revocation(ctx, error.error));
  }

  revocation(ctx) {
    const { AccessToken, ClientCredentials, RefreshToken, Client } = ctx.oidc.entities;
    const token = AccessToken ?? ClientCredentials ?? RefreshToken;
    if (!token) this.#revocation(ctx, 'unknown');
    else this.#revocation(ctx, token.clientId === Client.clientId ? 'revoked' : 'ignored');
  }

  #revocation(ctx, outcome) {
    const { AccessToken, ClientCredentials, RefreshToken } = ctx.oidc.entities;
    const token = AccessToken ?? ClientCredentials ?? RefreshToken;
    this.add('revocation', token?.kind ?? null, ctx, token?.grantId, outcome);
  }
}

// The form that the server wants shown, or what the person has answered to it.
async function interact(provider, ctx) {
  const asked = await provider.interactionDetails(ctx.req, ctx.res);
  const atLogin = asked.prompt.name === 'login';
  if (ctx.method !== 'POST') {
    ctx.type = 'html';
    ctx.body = atLogin ? LOGIN_PAGE : CONSENT_PAGE;
    return;
  }
  const form = new URLSearchParams(await text(ctx.req));
  const answer = atLogin
    ? { login: { accountId: form.get('login') } }
    : await decided(provider, asked, form.get('choice') === 'allow');
  ctx.status = 303;
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, answer));
}

// Where the session has a grant for this client it is added to, as the server's documentation has it.
async function decided(provider, { grantId, params, prompt, session }, allowed) {
  if (!allowed) return { error: 'access_denied', error_description: 'The person said no.' };
  const known = grantId ? await provider.Grant.find(grantId) : undefined;
  const grant = known ?? new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope = [], missingResourceScopes = {} } = prompt.details;
  if (missingOIDCScope.length) grant.addOIDCScope(missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(missingResourceScopes)) {
    grant.addResourceScope(resource, scopes.join(' '));
  }
  return { consent: { grantId: await grant.save() } };
}

function site(Provider, issuer, settings) {
  const log = new Log();
  const provider = new Provider(issuer, configuration(settings));
  log.listen(provider);
  provider.use(async (ctx, next) => {
    if (ctx.path === '/test/log') {
      ctx.body = log.events;
    } else if (ctx.path.startsWith('/interaction/')) {
      await interact(provider, ctx);
    } else {
      await next();
      if (ctx.oidc?.route === 'revocation' && ctx.status === 200) log.revocation(ctx);
    }
  });
  return provider.callback();
}

async function main() {
  console.info = console.warn; // standard output is for the port
  const lines = createInterface({ input: process.stdin });
  lines.on('close', () => process.exit()); // whoever started it has closed the pipe, or died
  const settings = JSON.parse((await once(lines, 'line'))[0]);
  const { resolve } = createRequire(`${settings.node_modules}/`);
  const { default: Provider } = await import(pathToFileURL(resolve('oidc-provider')));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.on('request', site(Provider, `http://127.0.0.1:${port}`, settings));
  process.stdout.write(`${JSON.stringify({ port })}\n`);
}

await main();
