// Looks at the live page as a person does, in headless Chromium. Prints "ok - …" or "not ok - …" a line.
//
// Usage: node look.mjs PHASE URL FOLDER [SOCKETS]
//   present   SOCKETS leaks are there: what the page shows, light and dark, wide and narrow, without a script too
//   hour      as many updates as an hour has, quickly: nothing grows
//   gone      the daemon is gone while the page is open; its pid is SOCKETS

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import puppeteer from 'puppeteer-core';

const [phase, url, folder, given] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
let failed = 0;
function expect(what, holds, seen = '') {
    failed += holds ? 0 : 1;
    console.log(`${holds ? 'ok' : 'not ok'} - ${what}${holds ? '' : `: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`}`);
}
const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

const browser = await puppeteer.launch({ executablePath: chromium, headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update',
        '--disable-sync', '--hide-scrollbars', '--no-first-run', '--js-flags=--expose-gc'] });

async function open({ width = 1280, height = 900, dark = false, script = true } = {}) {
    const page = await browser.newPage();
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
    await page.setJavaScriptEnabled(script);
    page.complaints = [];
    page.asked = [];
    page.on('console', (message) => ['error', 'warn'].includes(message.type()) && page.complaints.push(message.text()));
    page.on('pageerror', (error) => page.complaints.push(String(error)));
    page.on('request', (request) => page.asked.push(request.url()));
    return page;
}
const text = (page, id) => page.$eval(`#${id}`, (element) => element.textContent);
async function until(page, condition, ...values) {
    try {
        await page.waitForFunction(condition, { timeout: 15000, polling: 50 }, ...values);
        return true;
    } catch {
        return false;
    }
}

/** What axe finds; the policy lets no script in, so it is put in from outside. */
async function faults(page) {
    const session = await page.createCDPSession();
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
    await session.send('Runtime.evaluate', { expression: axe, contextId: executionContextId });
    const { result } = await session.send('Runtime.evaluate', { contextId: executionContextId, awaitPromise: true, returnByValue: true,
        expression: `axe.run(document, { resultTypes: ['violations'] }).then((found) => JSON.stringify(found.violations.map((each) =>
            each.id + ': ' + each.nodes.map((node) => node.target.join(' ') + ' ' + (node.any[0]?.message ?? '')).slice(0, 3).join(' | '))))` });
    await session.detach();
    return JSON.parse(result.value);
}

async function readable(page, name) {
    const found = await faults(page);
    expect(`axe finds nothing: ${name}`, found.length === 0, found);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(`nothing is cut off at the right: ${name}`, wide <= 0, `${wide} pixels`);
    if (name.startsWith('wide')) {
        const hidden = await page.evaluate(() => Math.max(0, ...[...document.querySelectorAll('.scroll')].map((each) => each.scrollWidth - each.clientWidth)));
        expect(`no table is wider than its place: ${name}`, hidden <= 0, `${hidden} pixels`);
    }
    const clipped = await page.evaluate(() => [...document.querySelectorAll('#states text')].filter((each) => {
        const [inner, outer] = [each.getBoundingClientRect(), each.ownerSVGElement.getBoundingClientRect()];
        return inner.width > 0 && (inner.right > outer.right + 1 || inner.left < outer.left - 1);
    }).map((each) => each.textContent));
    expect(`no word of the state machine is cut off: ${name}`, clipped.length === 0, clipped);
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

async function present(leaks) {
    const page = await open();
    const session = await page.createCDPSession();
    await session.send('Network.enable');
    let bytes = 0;
    session.on('Network.loadingFinished', (event) => { bytes += event.encodedDataLength; });
    const titled = await page.goto(url, { waitUntil: 'load' });
    expect('the page loads', titled.status() === 200, String(titled.status()));
    await until(page, () => performance.getEntriesByName('first-contentful-paint').length > 0);
    // Again, now that the browser itself is warm: what is measured is the page.
    await page.reload({ waitUntil: 'load' });
    await until(page, () => performance.getEntriesByName('first-contentful-paint').length > 0);
    const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime);
    expect(`first paint below 100 ms`, paint < 100, `${paint.toFixed(0)} ms`);
    console.log(`# first paint after ${paint.toFixed(0)} ms`);
    expect('at most 60 KiB, compressed, twice loaded', bytes / 2 <= 60 * 1024, `${bytes / 2}`);
    console.log(`# ${Math.round(bytes / 2)} bytes a load`);
    expect('the title has the host', (await page.title()).startsWith(process.env.HOST_NAME), await page.title());

    expect('CLOSE-WAIT has its number', await until(page, (n) => document.getElementById('box-close_wait-count').textContent === n, String(leaks)),
        await text(page, 'box-close_wait-count'));
    expect('who holds them and how old the oldest is', /^\d+ held$/.test(await text(page, 'box-close_wait-held')) &&
        (await text(page, 'box-close_wait-age')).startsWith('oldest '), await text(page, 'box-close_wait-held'));
    expect('the edge that is not taken is missing', await until(page, () =>
        document.getElementById('edge-close_wait-last_ack').classList.contains('missing') &&
        document.getElementById('edge-close_wait-last_ack-rate').textContent === 'close() is missing'));
    expect('the alarm is where the leak is', await page.$eval('#box-close_wait', (box) => box.classList.contains('alarm')));
    expect('an owner has them', await until(page, (n) => [...document.querySelectorAll('#owners td.leaked')].some((cell) => cell.textContent.startsWith(n)), String(leaks)));
    await readable(page, 'wide-light');

    // By keyboard: to the first owner, its sockets, the first one's story.
    await page.focus('#owners button');
    await page.keyboard.press('Enter');
    expect('Enter opens an owner', await until(page, () => document.querySelector('#owners table.sockets tbody button')));
    await page.focus('#owners table.sockets tbody button');
    await page.keyboard.press('Enter');
    expect('Enter opens a socket: its states', await until(page, () => document.querySelector('ol.states')), await page.$eval('#owners', (all) => all.textContent.slice(-300)));
    expect('the states are drawn, as a lane', await page.$('svg.lane rect.close_wait') !== null);
    expect('and the runbook is beside them', await until(page, () => document.querySelector('.advice a[href^="/runbook#"]')));
    await readable(page, 'wide-light-open');
    const stays = await page.$('ol.states') !== null;
    await pause(4500);
    expect('what is open stays open over an update', stays && await page.$('ol.states') !== null);

    // The history: a slider that the keyboard moves.
    expect('the history is there', await until(page, () => !document.getElementById('history').hidden));
    await page.focus('#slider');
    await page.keyboard.press('Home');
    expect('the slider goes back', await until(page, () => document.body.classList.contains('past')));
    expect('and says when that was', /\d\d:\d\d:\d\d/.test(await text(page, 'as-of')), await text(page, 'as-of'));
    await page.screenshot({ path: `${folder}/past.png`, fullPage: true });
    await page.click('#to-now');
    expect('and to the present', await until(page, (n) => !document.body.classList.contains('past') &&
        document.getElementById('box-close_wait-count').textContent === n, String(leaks)));

    const outside = page.asked.filter((each) => !each.startsWith(url.replace(/\/$/, '')));
    expect('nothing is asked for outside', outside.length === 0, outside);
    const complaints = page.complaints.filter((each) => !each.includes('404')); // what this daemon does not have
    expect('nothing to complain of for the browser', complaints.length === 0, complaints);
    await page.close();

    for (const [name, how] of Object.entries({ 'wide-dark': { dark: true }, 'narrow-light': { width: 390, height: 844 },
        'narrow-dark': { width: 390, height: 844, dark: true } })) {
        const other = await open(how);
        await other.goto(url, { waitUntil: 'load' });
        await until(other, (n) => document.getElementById('box-close_wait-count').textContent === n && document.querySelector('#owners button') && !document.getElementById('history').hidden, String(leaks));
        await readable(other, name);
        await other.close();
    }
    const still = await open({ script: false });
    await still.goto(url, { waitUntil: 'load' });
    expect('without a script the numbers are there', await text(still, 'box-close_wait-count') === String(leaks));
    expect('and that it is one moment', (await still.$eval('footer', (footer) => footer.textContent)).includes('reload for the next'));
    await still.screenshot({ path: `${folder}/without-script.png`, fullPage: true });
    await still.close();
}

async function hour() {
    const page = await open();
    // An hour has 1800 updates, two seconds apart.
    await page.evaluateOnNewDocument(() => {
        const wait = window.setTimeout.bind(window);
        window.setTimeout = (work, milliseconds, ...rest) => wait(work, milliseconds / 100, ...rest);
        const ask = window.fetch.bind(window);
        window.updates = 0;
        window.fetch = (...all) => { window.updates += 1; return ask(...all); };
    });
    await page.goto(url, { waitUntil: 'load' });
    const session = await page.createCDPSession();
    const measure = async () => {
        await session.send('HeapProfiler.collectGarbage');
        const { JSHeapUsedSize, Nodes, JSEventListeners } = await page.metrics();
        return { heap: JSHeapUsedSize, nodes: Nodes, listeners: JSEventListeners };
    };
    await page.waitForFunction(() => window.updates > 100, { timeout: 60000 });
    const before = await measure();
    await page.waitForFunction(() => window.updates > 1900, { timeout: 240000, polling: 500 });
    const after = await measure();
    console.log(`# ${JSON.stringify(before)} ${JSON.stringify(after)}`);
    expect('1800 updates: the heap does not grow', after.heap < before.heap * 1.2 + 300000, `${before.heap} → ${after.heap}`);
    expect('nor the document', after.nodes <= before.nodes + 50 && after.listeners <= before.listeners + 10, `${before.nodes} → ${after.nodes}`);
}

async function gone(pid) {
    const page = await open();
    await page.goto(url, { waitUntil: 'load' });
    await until(page, () => document.body.classList.contains('live'));
    await pause(2500);
    expect('there is no alarm while it answers', await page.$eval('#blind', (banner) => banner.hidden));
    process.kill(pid, 'SIGKILL');
    expect('a daemon that is gone is said, and since when', await until(page, () => {
        const banner = document.getElementById('blind');
        return !banner.hidden && /does not answer since \d\d:\d\d:\d\d/.test(banner.textContent);
    }));
    expect('the picture is grey', await page.$eval('.first', (first) => getComputedStyle(first).filter === 'grayscale(1)'));
    await readable(page, 'gone');
}

try {
    await { present: () => present(Number(given)), hour, gone: () => gone(Number(given)) }[phase]();
} catch (error) {
    expect(`${phase} ends`, false, String(error.stack ?? error));
} finally {
    await browser.close();
}
process.exit(failed === 0 ? 0 : 1);
