// Microsoft's authentication library before Azure Arc's agent as the emulator plays it. The library
// decides once in a process which kind of managed identity there is: hence a file of its own.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const {test} = require('node:test');

const {ManagedIdentityApplication} = require('@azure/msal-node');
const {startEmulator, folder} = require('./emulator.js');

test('the challenge is understood, and a key outside the agent\'s own folder is not read', async () => {
    const keys = path.join(folder, 'arc-keys');
    fs.mkdirSync(keys);
    const emulator = await startEmulator('--arc-keys', keys);
    try {
        process.env.IDENTITY_ENDPOINT = `${emulator.plainUrl}/metadata/identity/oauth2/token`;
        process.env.IMDS_ENDPOINT = emulator.plainUrl;
        const identity = new ManagedIdentityApplication({});
        const error = await identity.acquireToken({resource: 'https://graph.microsoft.com'})
            .then(() => assert.fail('a token was issued'), (thrown) => thrown);
        assert.equal(error.errorCode, 'invalid_file_path', String(error));
        assert.equal(fs.readdirSync(keys).filter((name) => name.endsWith('.key')).length, 1);
        assert.equal(await emulator.answered('managed-identity', 401), 1);
    } finally {
        await emulator.stop();
    }
});
