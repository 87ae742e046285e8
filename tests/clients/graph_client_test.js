// Microsoft's JavaScript client for Graph against the emulator: what the client makes of the pages,
// links, batches, refusals and throttling shows whether they are Graph's.
'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');
const {after, before, beforeEach, test} = require('node:test');

const {BatchRequestContent, BatchResponseContent, Client, GraphError, PageIterator} =
    require('@microsoft/microsoft-graph-client');
const {startEmulator, tenantId, clientId, clientSecret} = require('./emulator.js');

let emulator;
let graph;

async function accessToken() {
    const answer = await fetch(`${emulator.url}/${tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({grant_type: 'client_credentials', client_id: clientId,
            client_secret: clientSecret, scope: 'https://graph.microsoft.com/.default'}),
    });
    return (await answer.json()).access_token;
}

/// Everything that the client's own iterator shows, and where the next round begins.
async function iterate(firstPage) {
    const items = [];
    const iterator = new PageIterator(graph, firstPage, (item) => {
        items.push(item);
        return true;
    });
    await iterator.iterate();
    return {items, complete: iterator.isComplete(), deltaLink: iterator.getDeltaLink()};
}

const newGroup = (name) => ({displayName: name, mailNickname: 'nick', mailEnabled: false, securityEnabled: true});
const reference = (id) => ({'@odata.id': `${emulator.url}/v1.0/directoryObjects/${id}`});

before(async () => {
    emulator = await startEmulator('--generate', 'groups=35,users=60,members=400', '--page-size', '7');
    graph = Client.initWithMiddleware({
        baseUrl: `${emulator.url}/`,
        customHosts: new Set(['127.0.0.1']),
        authProvider: {getAccessToken: accessToken},
    });
});
after(() => emulator.stop());
beforeEach(() => emulator.control('POST', 'reset'));

test('the page iterator finds every group of a list once', async () => {
    const first = await graph.api('/groups').select('id,displayName').top(7).get();
    assert.equal(first.value.length, 7);
    const {items, complete} = await iterate(first);
    assert.ok(complete);
    const {groups} = await emulator.control('GET', 'state');
    assert.deepEqual(items.map((one) => one.id).sort(), groups.map((one) => one.id).sort());
});

test('the page iterator follows delta rounds to the delta link, and from it', async () => {
    const {items, deltaLink} = await iterate(await graph.api('/groups/delta').select('displayName,members').get());
    const {groups} = await emulator.control('GET', 'state');
    assert.deepEqual(new Set(items.map((one) => one.id)), new Set(groups.map((one) => one.id)));
    const members = new Map();
    for (const item of items) {
        for (const member of item['members@delta'] ?? []) {
            assert.match(member['@odata.type'], /^#microsoft\.graph\.(user|group|device)$/);
            if (!members.has(item.id)) members.set(item.id, new Set());
            members.get(item.id).add(member.id);
        }
    }
    for (const group of groups) {
        assert.deepEqual(members.get(group.id) ?? new Set(),
            new Set(group.members.map((member) => member.id ?? member)));
    }

    const made = await graph.api('/groups').post(newGroup('Made in between'));
    const second = await iterate(await graph.api(deltaLink).get());
    assert.deepEqual(second.items.map((one) => one.displayName), ['Made in between']);
    assert.ok(second.deltaLink);
    await graph.api(`/groups/${made.id}`).delete();
    const third = await iterate(await graph.api(second.deltaLink).get());
    assert.deepEqual(third.items, [{id: made.id, '@removed': {reason: 'changed'}}]);
});

test('empty pages do not end a round', async () => {
    await emulator.control('POST', 'delta', {empty_pages: true});
    const {items} = await iterate(await graph.api('/groups/delta').select('displayName').get());
    const {groups} = await emulator.control('GET', 'state');
    assert.equal(new Set(items.map((one) => one.id)).size, groups.length);
});

test('casts, counts and the consistency header go through', async () => {
    const group = (await graph.api('/groups').top(1).get()).value[0];
    const page = await graph.api(`/groups/${group.id}/members/microsoft.graph.user`).count(true)
        .header('ConsistencyLevel', 'eventual').select('id,onPremisesSecurityIdentifier').top(999).get();
    assert.equal(page['@odata.count'], page.value.length);
    assert.match(page['@odata.context'], /\/v1\.0\/\$metadata#users/);
});

test('getByIds answers what is known and leaves out the rest', async () => {
    const users = (await graph.api('/users').top(3).get()).value;
    const answer = await graph.api('/directoryObjects/getByIds').select('id,onPremisesSecurityIdentifier')
        .post({ids: [...users.map((one) => one.id), '00000000-0000-4000-8000-000000000000'], types: ['user']});
    assert.deepEqual(answer.value.map((one) => one.id).sort(), users.map((one) => one.id).sort());
    assert.equal(answer.value[0]['@odata.type'], '#microsoft.graph.user');
});

/// A step of a batch; of a whole URL the client sends what stands behind the host.
const step = (id, path, options = {method: 'GET'}) => ({id, request: new Request(`${emulator.url}${path}`, options)});

async function batch(...steps) {
    const content = await new BatchRequestContent(steps).getContent();
    return new BatchResponseContent(await graph.api('/$batch').post(content));
}

test('a batch is taken apart by the client, item by item', async () => {
    const post = {method: 'POST', headers: {'Content-Type': 'application/json'},
        body: JSON.stringify(newGroup('Made in a batch'))};
    const answers = await batch(step('make', '/groups', post),
        {...step('list', '/groups?$select=id'), dependsOn: ['make']},
        {...step('users', '/users?$top=3'), dependsOn: ['list']});
    assert.equal(answers.getResponseById('make').status, 201);
    assert.equal((await answers.getResponseById('make').json()).displayName, 'Made in a batch');
    assert.equal(answers.getResponseById('list').status, 200);
    assert.equal((await answers.getResponseById('users').json()).value.length, 3);
});

test('what depends on a failed item fails with 424', async () => {
    const answers = await batch(step('nobody', '/users/nobody@contoso.example'),
        {...step('after', '/groups'), dependsOn: ['nobody']},
        {...step('too', '/users'), dependsOn: ['nobody']});
    assert.equal(answers.getResponseById('nobody').status, 404);
    assert.equal(answers.getResponseById('after').status, 424);
    assert.equal(answers.getResponseById('too').status, 424);
});

test('an item of a batch is throttled by itself, with its own Retry-After', async () => {
    await emulator.control('POST', 'faults', {operation: 'users', kind: '429', retry_after: 2.128});
    const answers = await batch(step('1', '/groups?$top=1'), step('2', '/users?$top=1'));
    assert.equal(answers.getResponseById('1').status, 200);
    const throttled = answers.getResponseById('2');
    assert.equal(throttled.status, 429);
    assert.equal(throttled.headers.get('Retry-After'), '2.128');
});

test('the client waits as it is told when it is throttled, and asks again', async () => {
    await emulator.control('DELETE', 'requests');
    await emulator.control('POST', 'faults', {operation: 'groups', kind: '429', retry_after: 0.3, times: 2});
    assert.equal((await graph.api('/groups').top(5).get()).value.length, 5);
    assert.equal(await emulator.answered('groups', 429), 2);
    assert.equal(await emulator.answered('groups', 200), 1);
    await emulator.control('POST', 'faults', {operation: 'groups', kind: '503', retry_after: 0.1});
    await emulator.control('POST', 'faults', {operation: 'groups', kind: '504', retry_after: 0.1});
    assert.equal((await graph.api('/groups').top(5).get()).value.length, 5);
});

test('refusals become GraphErrors with status, code, message and request id', async () => {
    const refused = async (call, status, code) => {
        const error = await call.then(() => assert.fail('it was answered'), (thrown) => thrown);
        assert.ok(error instanceof GraphError, String(error));
        assert.equal(error.statusCode, status);
        assert.equal(error.code, code);
        assert.ok(error.message.length > 10);
        assert.match(error.requestId, /^[0-9a-f-]{36}$/);
        assert.ok(error.date instanceof Date && !Number.isNaN(error.date.getTime()));
        return error;
    };
    const unknown = '00000000-0000-4000-8000-000000000000';
    await refused(graph.api(`/groups/${unknown}`).get(), 404, 'Request_ResourceNotFound');
    await refused(graph.api('/groups').select('nothing').get(), 400, 'Request_BadRequest');
    await refused(graph.api('/groups/delta').top(5).get(), 400, 'Request_UnsupportedQuery');
    await emulator.control('POST', 'permissions', {granted: []});
    await refused(graph.api('/groups').get(), 403, 'Authorization_RequestDenied');
    await emulator.control('POST', 'permissions', {granted: null});
    const {deltaLink} = await iterate(await graph.api('/groups/delta').select('displayName').get());
    await emulator.control('POST', 'tokens/expire', {delta: true});
    await refused(graph.api(deltaLink).get(), 400, 'syncStateNotFound');
    await emulator.control('POST', 'faults', {operation: 'groups', kind: 'expired-token'});
    await refused(graph.api('/groups').get(), 401, 'InvalidAuthenticationToken');
});

test('a subscription is made, told, renewed and ended through the client', async () => {
    const told = [];
    let heard;
    const first = new Promise((resolve) => { heard = resolve; });
    const webhook = http.createServer((request, response) => {
        const token = new URL(request.url, 'http://webhook').searchParams.get('validationToken');
        let body = '';
        request.on('data', (chunk) => { body += chunk; });
        request.on('end', () => {
            if (token === null) {
                told.push(...JSON.parse(body).value);
                heard();
            }
            response.writeHead(token === null ? 202 : 200, {'Content-Type': 'text/plain'});
            response.end(token ?? '');
        });
    });
    await new Promise((resolve) => webhook.listen(0, '127.0.0.1', resolve));
    const inMinutes = (count) => new Date(Date.now() + count * 60000).toISOString();
    try {
        const made = await graph.api('/subscriptions').post({
            changeType: 'updated,deleted', resource: 'groups', clientState: 'a secret',
            notificationUrl: `http://127.0.0.1:${webhook.address().port}/`, expirationDateTime: inMinutes(60)});
        const [user] = (await graph.api('/users').top(1).get()).value;
        const group = await graph.api('/groups').post(newGroup('Watched'));
        await graph.api(`/groups/${group.id}/members/$ref`).post(reference(user.id));
        await first;
        assert.equal(told[0].subscriptionId, made.id);
        assert.equal(told[0].clientState, 'a secret');
        assert.equal(told[0].resource, `Groups/${group.id}`);
        const renewed = await graph.api(`/subscriptions/${made.id}`).patch({expirationDateTime: inMinutes(120)});
        assert.ok(new Date(renewed.expirationDateTime) > new Date(made.expirationDateTime));
        await graph.api(`/subscriptions/${made.id}`).delete();
        assert.deepEqual((await graph.api('/subscriptions').get()).value, []);
    } finally {
        webhook.closeAllConnections();
        webhook.close();
    }
});
