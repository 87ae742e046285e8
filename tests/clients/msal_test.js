// Microsoft's authentication library against the emulator's identity platform: secrets,
// certificates, refusals, and the instance metadata service.
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const path = require('node:path');
const {after, before, beforeEach, test} = require('node:test');

const {ConfidentialClientApplication, ManagedIdentityApplication} = require('@azure/msal-node');
const {startEmulator, tenantId, clientId, clientSecret, file, folder} = require('./emulator.js');

const scopes = ['https://graph.microsoft.com/.default'];
let emulator;

/// The library finds the token endpoint by the tenant's discovery document, over TLS.
function application(credential) {
    return new ConfidentialClientApplication({auth: {
        clientId,
        authority: `${emulator.url}/${tenantId}`,
        knownAuthorities: [emulator.host],
        ...credential,
    }});
}

async function opensGraph(token) {
    const answer = await fetch(`${emulator.url}/v1.0/groups`, {headers: {Authorization: `Bearer ${token}`}});
    return answer.status;
}

async function refusal(call) {
    return call.then(() => assert.fail('a token was issued'), (error) => error);
}

before(async () => {
    emulator = await startEmulator('--client-certificate', path.join(folder, 'client.pem'));
});
after(() => emulator.stop());
beforeEach(() => emulator.control('POST', 'reset'));

test('a client secret gets a token that opens Graph, and the next one comes from the cache', async () => {
    await emulator.control('DELETE', 'requests');
    const client = application({clientSecret});
    const result = await client.acquireTokenByClientCredential({scopes});
    assert.equal(result.tokenType, 'Bearer');
    assert.equal(result.fromCache, false);
    const seconds = (result.expiresOn.getTime() - Date.now()) / 1000;
    assert.ok(seconds > 3500 && seconds <= 3600, `it lives for ${seconds} s`);
    assert.equal(await opensGraph(result.accessToken), 200);
    const again = await client.acquireTokenByClientCredential({scopes});
    assert.equal(again.fromCache, true);
    assert.equal(again.accessToken, result.accessToken);
    assert.equal(await emulator.answered('token', 200), 1);
    const fresh = await client.acquireTokenByClientCredential({scopes, skipCache: true});
    assert.notEqual(fresh.accessToken, result.accessToken);
});

test('a certificate gets a token, by either thumbprint', async () => {
    const der = new crypto.X509Certificate(file('client.pem')).raw;
    const thumbprint = (algorithm) => crypto.createHash(algorithm).update(der).digest('hex');
    for (const named of [{thumbprintSha256: thumbprint('sha256')}, {thumbprint: thumbprint('sha1')}]) {
        const client = application({clientCertificate: {privateKey: file('client.key'), ...named}});
        const result = await client.acquireTokenByClientCredential({scopes});
        assert.equal(await opensGraph(result.accessToken), 200, JSON.stringify(named));
    }
});

test('a certificate that is not the application\'s gets none', async () => {
    const der = new crypto.X509Certificate(file('server.pem')).raw;
    const client = application({clientCertificate: {privateKey: file('server.key'),
        thumbprintSha256: crypto.createHash('sha256').update(der).digest('hex')}});
    const error = await refusal(client.acquireTokenByClientCredential({scopes}));
    assert.equal(error.errorCode, 'invalid_client');
    assert.match(error.errorMessage, /700027/);
});

test('refusals arrive as the library\'s errors, with the AADSTS code and the correlation id', async () => {
    const wrong = await refusal(application({clientSecret: 'a guess'}).acquireTokenByClientCredential({scopes}));
    assert.equal(wrong.errorCode, 'invalid_client');
    assert.match(wrong.errorMessage, /AADSTS7000215/);
    assert.match(wrong.correlationId, /^[0-9a-f-]{36}$/);
    const scope = await refusal(application({clientSecret}).acquireTokenByClientCredential({scopes: ['User.Read']}));
    assert.equal(scope.errorCode, 'invalid_scope');
    assert.match(scope.errorMessage, /AADSTS70011/);
});

test('a token that was expired is refused by Graph, and the library gets another', async () => {
    const client = application({clientSecret});
    const first = await client.acquireTokenByClientCredential({scopes});
    await emulator.control('POST', 'tokens/expire', {access: true});
    assert.equal(await opensGraph(first.accessToken), 401);
    const second = await client.acquireTokenByClientCredential({scopes, skipCache: true});
    assert.equal(await opensGraph(second.accessToken), 200);
});

test('a managed identity gets its token from the instance metadata service', async () => {
    process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = emulator.plainUrl;
    try {
        const identity = new ManagedIdentityApplication({});
        const result = await identity.acquireToken({resource: 'https://graph.microsoft.com'});
        assert.equal(await opensGraph(result.accessToken), 200);
        const seconds = (result.expiresOn.getTime() - Date.now()) / 1000;
        assert.ok(seconds > 3400 && seconds <= 3600, `it lives for ${seconds} s`);
    } finally {
        delete process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST;
    }
});
