// An emulator of a test's own, behind TLS: Microsoft's clients speak https only. The certificate is
// made by `run`, which tells node to trust it.
'use strict';

const {spawn} = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const path = require('node:path');

const tenantId = '11111111-2222-3333-4444-555555555555';
const clientId = '66666666-7777-8888-9999-000000000000';
const clientSecret = 'emulator-secret';
const folder = process.env.CLIENTS_FOLDER;

const file = (name) => fs.readFileSync(path.join(folder, name), 'utf8');

/// The address that the program says it listens on.
function listening(program) {
    return new Promise((resolve, reject) => {
        let output = '';
        program.stdout.on('data', (chunk) => {
            output += chunk;
            const found = /listening on (http:\S+)/.exec(output);
            if (found) resolve(found[1]);
        });
        program.once('exit', (code) => reject(new Error(`the emulator ended with ${code}: ${output}`)));
        setTimeout(() => reject(new Error('the emulator does not listen')), 30000).unref();
    });
}

/// What a proxy before a service does: it ends TLS and says so.
function forward(plainUrl, request, response) {
    const headers = {...request.headers, 'x-forwarded-proto': 'https'};
    const onward = http.request(plainUrl + request.url, {method: request.method, headers}, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
        answer.on('error', () => response.destroy());
        answer.on('aborted', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
}

async function startEmulator(...options) {
    const program = spawn(process.env.GRAPH_EMULATOR, ['--listen', '127.0.0.1:0', ...options],
        {stdio: ['ignore', 'pipe', 'inherit']});
    const plainUrl = await listening(program);
    const front = https.createServer({key: file('server.key'), cert: file('server.pem')},
        (request, response) => forward(plainUrl, request, response));
    await new Promise((resolve) => front.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${front.address().port}`;
    return {
        plainUrl,
        host,
        url: `https://${host}`,
        /// A control below /emulator/.
        async control(method, name, body) {
            const answer = await fetch(`${plainUrl}/emulator/${name}`,
                {method, body: body === undefined ? undefined : JSON.stringify(body)});
            if (answer.status >= 300) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
            return answer.json();
        },
        /// How often an operation was answered with a status.
        async answered(operation, status) {
            const requests = await this.control('GET', 'requests');
            return requests.counters?.[operation]?.[status] ?? 0;
        },
        async stop() {
            front.closeAllConnections();
            front.close();
            const ended = new Promise((resolve) => program.once('exit', resolve));
            program.kill('SIGTERM');
            await ended;
        },
    };
}

module.exports = {startEmulator, tenantId, clientId, clientSecret, file, folder};
