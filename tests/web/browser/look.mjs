// Looks at the live page as a person does, in headless Chromium. Prints "ok - …" or "not ok - …" a line.
//
// Usage: node look.mjs PHASE URL FOLDER [SOCKETS [MORE]]
//   present   SOCKETS leaks are there: what the page shows, light and dark, wide and narrow, without a script too
//   crowded   what the page makes of 2,000 sockets, of none, and of a blind daemon; the answers are made up
//   growing   MORE leaks come once FOLDER/leak-more is there
//   hour      as many updates as an hour has, quickly: nothing grows
//   gone      the daemon is gone while the page is open; its pid is SOCKETS

import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import puppeteer from 'puppeteer-core';

const [phase, url, folder, given, more] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
let failed = 0;
function expect(what, holds, seen = '') {
    failed += holds ? 0 : 1;
    console.log(`${holds ? 'ok' : 'not ok'} - ${what}${holds ? '' : `: ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`}`);
}
const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

const launch = (more = {}) => puppeteer.launch({ executablePath: chromium, headless: true, ...more,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update',
        '--disable-sync', '--no-first-run', '--js-flags=--expose-gc'] }); // puppeteer hides the scrollbars
const browser = await launch();

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
        await page.waitForFunction(condition, { timeout: 30000, polling: 50 }, ...values);
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

/** Of the words of the state machine: those that leave or touch their box, that stand on another's box or on other words, and the
 *  one that touches its arrow. */
const crowdedWords = () => {
    const found = [];
    const near = 1.5; // pixels
    for (const box of document.querySelectorAll('#states rect[id]')) {
        const outer = box.getBoundingClientRect();
        for (const word of document.querySelectorAll(`[id^="${box.id}-"]`)) {
            const inner = word.getBoundingClientRect();
            if (inner.width > 0 && (inner.left < outer.left + near || inner.right > outer.right - near || inner.bottom > outer.bottom)) found.push(`${box.id}: ${word.textContent}`);
        }
    }
    // A line's height is more than its letters': of two lines the rectangles may meet, of words beside each other they may not.
    const over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0 &&
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.35 * Math.min(a.height, b.height);
    const words = [...document.querySelectorAll('#states text')].filter((each) => each.textContent);
    words.forEach((word, i) => {
        const place = word.getBoundingClientRect();
        for (const other of words.slice(i + 1)) {
            if (over(place, other.getBoundingClientRect())) found.push(`${word.textContent} on ${other.textContent}`);
        }
        for (const box of document.querySelectorAll('#states rect[id]')) {
            if (word.id.startsWith('edge-') && over(place, box.getBoundingClientRect())) found.push(`${word.textContent} on ${box.id}`);
        }
    });
    const missing = document.querySelector('#states .steps.missing');
    if (missing) {
        const arrow = document.getElementById('edge-close_wait-last_ack').getBoundingClientRect();
        const tip = 9 * document.getElementById('states').getBoundingClientRect().width / 520;
        if (missing.getBoundingClientRect().right > arrow.left + arrow.width / 2 - tip) found.push(`arrow: ${missing.textContent}`);
    }
    return found;
};

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
    const touching = await page.evaluate(crowdedWords);
    expect(`no word touches its box or its arrow: ${name}`, touching.length === 0, touching);
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Milliseconds. */
async function firstPaint(page, address) {
    await page.goto(address, { waitUntil: 'load' });
    await until(page, () => performance.getEntriesByName('first-contentful-paint').length > 0);
    return page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity);
}

/** The median of seven first paints in a warm browser, of the best round: rounds go on until one is good. What a line of text
 *  takes stands beside it, and tells how busy the machine is. */
async function firstPaints(page) {
    const rounds = [];
    while (rounds.length < 8 && !rounds.some((each) => each < 100)) {
        const [whole, line] = [[], []];
        for (let i = 0; i < 7; ++i) {
            whole.push(await firstPaint(page, url));
            line.push(await firstPaint(page, `${url}-/healthy`));
        }
        rounds.push(median(whole));
        console.log(`# first paint after ${median(whole).toFixed(0)} ms, of a line of text ${median(line).toFixed(0)} ms; medians of seven`);
    }
    return Math.min(...rounds);
}

/** Where scrollbars take room and the page stands in the middle: what is shown before the script has come, and whether it moves
 *  when the rest comes. */
async function steady() {
    const other = await launch({ ignoreDefaultArgs: ['--hide-scrollbars'] });
    const page = await other.newPage();
    await page.setViewport({ width: 1600, height: 500 });
    await page.evaluateOnNewDocument(() => {
        window.moved = [];
        new PerformanceObserver((list) => list.getEntries().forEach((each) => window.moved.push(
            ...each.sources.map((source) => `${source.node?.nodeName}: ${source.previousRect.x} → ${source.currentRect.x}`))))
            .observe({ type: 'layout-shift', buffered: true });
    });
    await page.setRequestInterception(true);
    let asked = null;
    page.on('request', (request) => (request.url().endsWith('/live.js') ? asked = request : request.continue()));
    const loaded = page.goto(url, { waitUntil: 'load' });
    expect('the first words are shown before the script has come', await until(page, () =>
        performance.getEntriesByName('first-contentful-paint').length > 0 && document.querySelector('h1') && !document.getElementById('states')) && asked !== null);
    await asked?.continue();
    await loaded;
    await until(page, () => document.body.classList.contains('live'));
    await pause(500);
    const [room, moved] = await page.evaluate(() => [innerWidth - document.documentElement.clientWidth, window.moved]);
    expect('and nothing moves when the rest comes', room > 0 && moved.length === 0, [room, ...moved]);
    await other.close();
}

/** A socket's story and what to do about it, on a telephone. */
async function readOnTheNarrow(page) {
    await page.click('#owners button');
    await until(page, () => document.querySelector('#owners table.sockets tbody button'));
    await page.click('#owners table.sockets tbody button');
    await until(page, () => document.querySelector('.advice a[href^="/runbook#"]'));
    const beyond = await page.evaluate(() => [...document.querySelectorAll('.advice, .lane, ol.states')]
        .map((each) => each.getBoundingClientRect()).filter((each) => each.left < 0 || each.right > innerWidth).length);
    expect('what to do is read without scrolling sideways: narrow', beyond === 0, String(beyond));
    await readable(page, 'narrow-light-open');
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
    expect('at most 60 KiB, compressed', bytes <= 60 * 1024, `${bytes}`);
    console.log(`# ${bytes} bytes a load`);
    const painted = await firstPaints(page);
    expect('first paint below 100 ms', painted < 100, `${painted.toFixed(0)} ms`);
    await steady();
    await page.goto(url, { waitUntil: 'load' });
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
    await until(page, () => document.querySelector('#owners button')); // the script has drawn once
    await named(page, leaks);
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
    expect('the past has its own table of sockets', await page.evaluate((n) => {
        const row = [...document.querySelectorAll('#then-rows tr')].find((each) => each.cells[0].textContent === 'close_wait');
        return row?.cells[1].textContent === n && row.cells[3].textContent === `${n} held` && document.querySelector('.tables').offsetParent === null;
    }, String(leaks)), await page.evaluate(() => document.getElementById('then')?.textContent ?? 'none'));
    expect('and says what was not recorded', /Not recorded: /.test(await text(page, 'then')));
    await readable(page, 'wide-past');
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
        if (name === 'narrow-light') await readOnTheNarrow(other);
        await other.close();
    }
    const still = await open({ script: false });
    await still.goto(url, { waitUntil: 'load' });
    expect('without a script the numbers are there', await text(still, 'box-close_wait-count') === String(leaks));
    expect('and that it is one moment', (await still.$eval('footer', (footer) => footer.textContent)).includes('reload for the next'));
    await still.screenshot({ path: `${folder}/without-script.png`, fullPage: true });
    await still.close();
}

/** The first screen says who, how many, how old, why. */
async function named(page, leaks) {
    expect('the first screen names the worst owner', await until(page, (n) => {
        const worst = document.getElementById('worst');
        return !worst.hidden && new RegExp(`leaks ${n} sockets .*not_closed.*the oldest`).test(worst.textContent) &&
            worst.getBoundingClientRect().bottom < innerHeight;
    }, leaks), await text(page, 'worst'));
    expect('and links to what to do', await page.$eval('#worst-link', (link) => link.getAttribute('href')) === '/runbook#closewaitleak');
    expect('the owner has its cause', await until(page, () => document.querySelector('#owners td.cause')?.textContent === 'not_closed'));
}

/** A page whose daemon says what `change` makes of the true answer; what it wrote itself stays. */
async function told(change, how) {
    const page = await open(how);
    const truth = await (await fetch(`${url}api/v1/live`)).json();
    await page.setRequestInterception(true);
    page.on('request', (request) => (request.url().endsWith('/api/v1/live')
        ? request.respond({ status: 200, contentType: 'application/json', body: JSON.stringify(change(structuredClone(truth))) })
        : request.continue()));
    await page.goto(url, { waitUntil: 'load' });
    await until(page, () => document.querySelector('#owners button') || !document.getElementById('no-owners').hidden || !document.getElementById('blind').hidden);
    return page;
}

const CROWD = 1800;
const crowd = (live) => {
    const box = (sockets, custody, more) => ({ sockets, custody, server: sockets, client: 0, leaked: 0, oldest_seconds: null, expires_seconds: null, ...more });
    Object.assign(live.states, {
        established: box(12345, { process: 12345 }),
        close_wait: box(CROWD + 40, { process: CROWD, accept_queue: 40 }, { leaked: CROWD, oldest_seconds: 93784 }),
        fin_wait2: box(131072, { process: 1100, orphan: 3200, timewait: 126772 }, { oldest_seconds: 59, expires_seconds: 58.2 }),
        time_wait: box(28000, { timewait: 28000 }),
    });
    live.steps = [['established', 'fin_wait1', 1234567], ['established', 'close_wait', 1840], ['fin_wait2', 'close', 4321], ['close_wait', 'close', 12]]
        .map(([from, to, total]) => ({ from, to, total }));
    live.ended = { fin_wait2: { expired: 4321 }, close_wait: { aborted: 12 } };
    live.worst = { text: `shop.service leaks ${CROWD} sockets (1790 not_closed, 10 unread), the oldest 1d02h, +820 an hour; a process uses 1812 of 2048 descriptors: none left in 17m16s.`, runbook: 'descriptorsrunningout' };
    live.owners = ['shop.service', 'a-unit-with-a-very-long-name-that-somebody@generated-0123456789abcdef.service', 'kubepods-burstable/checkout/payments', ...Array.from({ length: 20 }, (_, i) => `worker@${i}.service`)]
        .map((name, i) => ({ name, half_closed: i ? 20 - i + 3 : CROWD + 131072, leaked: i ? Math.max(0, 4 - i) : CROWD, dead: i === 1 ? 3 : 0,
            causes: i ? (i < 4 ? { unread: 4 - i } : {}) : { not_closed: 1790, unread: 10 }, oldest_seconds: 93784 / (i + 1), oldest: ['exact', 'estimated', 'at_least'][i % 3],
            growth_per_hour: i ? null : 820, descriptors: i ? null : { used: 1812, limit: 2048 }, left_seconds: i ? null : 1036 }));
    live.dead = 3;
    live.summary = '132912 half-closed sockets on port 9999: 131072 fin_wait2, 1840 close_wait (1830 not_closed, 10 unread); the oldest 1d02h.';
    return live;
};

/** As many of everything as a number has room for, on every edge and moving. */
let asked = 0;
const throng = (live) => {
    crowd(live);
    asked += 1;
    live.time = new Date(Date.parse(live.time) + asked * 2000).toISOString();
    const most = 999000000;
    for (const box of Object.values(live.states)) {
        Object.assign(box, { sockets: most, custody: { process: 9999, accept_queue: 9998, orphan: most }, server: most, client: most, oldest_seconds: 8639999 });
    }
    Object.assign(live.states.close_wait, { leaked: most, custody: { process: 9999, accept_queue: 9998 } });
    live.states.fin_wait1.custody = { orphan: 9999, timewait: 9999000 };
    live.states.closing.custody = { handshake: most };
    live.steps = ['established-fin_wait1', 'established-close_wait', 'fin_wait1-fin_wait2', 'fin_wait1-closing', 'fin_wait2-time_wait', 'closing-time_wait',
        'close_wait-last_ack', 'last_ack-close', 'time_wait-close', 'fin_wait2-close', 'close_wait-close'].map((edge) => edge.split('-'))
        .map(([from, to]) => ({ from, to, total: most + (from === 'close_wait' && to === 'last_ack' ? 0 : asked * 2468) }));
    live.ended = { fin_wait2: { expired: most, killed: 1 }, close_wait: { aborted: 12 } };
    Object.assign(live.owners[0], { half_closed: 4194304, leaked: 1048576, growth_per_hour: 98765, descriptors: { used: 1048000, limit: 1048576 },
        oldest_seconds: 8639999, oldest: 'estimated', left_seconds: 86300 });
    return live;
};

/** On every screen that people have, for whose width nothing was made in particular. */
async function thronged() {
    for (const width of [320, 375, 414, 768, 1024, 1232, 1233, 1265, 1280, 1920]) {
        const name = `${width < 1024 ? 'narrow' : 'wide'}-throng-${width}`;
        const page = await told(throng, { width, dark: width % 2 === 1 });
        expect(`all edges move, and none is closed: ${name}`, await until(page, () => / · /.test(document.getElementById('edge-fin_wait1-closing-rate').textContent) &&
            document.querySelector('.steps.missing')));
        await readable(page, name);
        if (width === 1280) { // turned, or made smaller
            await page.setViewport({ width: 375, height: 800 });
            await pause(300);
            await readable(page, 'narrow-throng-turned');
        }
        await page.close();
    }
}

async function crowded() {
    await thronged();
    for (const [name, how] of Object.entries({ 'wide-crowded': {}, 'narrow-crowded': { width: 390, height: 844 }, 'wide-crowded-dark': { dark: true },
        'wide-crowded-with-a-scrollbar': { width: 1265 } })) {
        const page = await told(crowd, how);
        expect(`what runs out is on the first screen: ${name}`, await until(page, () => {
            const worst = document.getElementById('worst');
            return /shop\.service leaks 1800 .*the oldest 1d02h.*none left in 17m16s/.test(worst.textContent) && worst.getBoundingClientRect().bottom < innerHeight;
        }), await text(page, 'worst'));
        expect(`the worst owner is the first: ${name}`, await page.$eval('#owners tr', (row) => /^shop\.service1800 of .*1790 not_closed, 10 unread\+8201d02h1812 of 204817m16s$/.test(row.textContent)),
            await page.$eval('#owners tr', (row) => row.textContent));
        expect(`an age says how well it is known: ${name}`, await page.$$eval('#owners td.oldest', (cells) => cells.slice(0, 3).map((cell) => cell.textContent).join()) === '1d02h,~ 13h01m,≥ 8h41m');
        expect(`expiries and resets are told: ${name}`, await text(page, 'edge-fin_wait2-close-rate') === '4321 expired' && await text(page, 'edge-close_wait-close-rate') === '12 reset');
        expect(`and how long FIN-WAIT-2 has left: ${name}`, await text(page, 'box-fin_wait2-left') === '≤ 58s left');
        await readable(page, name);
        await page.close();
    }
    const calm = await told((live) => {
        for (const box of Object.values(live.states)) Object.assign(box, { sockets: 0, custody: {}, leaked: 0, oldest_seconds: null, expires_seconds: null, server: 0, client: 0 });
        return { ...live, owners: [], worst: null, dead: 0, steps: [], ended: { fin_wait2: {}, close_wait: {} }, summary: 'No half-closed sockets on port 9999.' };
    });
    expect('without a leak nobody is accused, whoever was when the page was loaded', await until(calm, () => document.getElementById('worst').hidden &&
        !document.getElementById('no-owners').hidden && !document.querySelector('.alarm, .missing')));
    await readable(calm, 'wide-calm');
    await calm.close();

    let blind = true;
    const page = await told((live) => (blind ? { ...live, blind: { since: '2026-02-02T02:40:00.000Z', why: 'the last closing poll got no answer from the kernel' }, owners: null, worst: null,
        states: Object.fromEntries(Object.keys(live.states).map((state) => [state, null])) } : live));
    expect('a blind daemon is said, and since when', await until(page, () => /Blind since \d\d:\d\d:\d\d/.test(document.getElementById('blind').textContent)));
    expect('and its picture is grey, its numbers unknown', await page.$eval('.first', (first) => getComputedStyle(first).filter === 'grayscale(1)') &&
        await text(page, 'box-close_wait-count') === '–');
    await readable(page, 'wide-blind');
    blind = false;
    expect('once it sees again, all is as before', await until(page, () => document.getElementById('blind').hidden && !document.body.classList.contains('blind') &&
        /half-closed/.test(document.getElementById('summary').textContent)));
    await page.close();
}

/** Whatever the page says of the present it says of this moment, not of that at which it was loaded. */
async function growing(leaks, added) {
    const page = await open();
    await page.goto(url, { waitUntil: 'load' });
    const cell = (state) => `[...document.querySelectorAll('#sockets tr')].find((row) => row.cells[0].textContent === '${state}').cells`;
    const sockets = (state, n) => until(page, `(() => { const cells = ${cell(state)}; return Number(cells[1].textContent) + Number(cells[2].textContent) === ${n}; })()`);
    expect('the table of sockets has the leaks', await sockets('close_wait', leaks));
    const seen = await page.$eval('#reconciliation', (body) => body.textContent);
    writeFileSync(`${folder}/leak-more`, '');
    expect('the box lives', await until(page, (n) => document.getElementById('box-close_wait-count').textContent === n, String(leaks + added)));
    expect('the table of sockets lives', await sockets('close_wait', leaks + added), await page.$eval('#sockets', (body) => body.textContent));
    expect('the sentence on the worst owner lives', await until(page, (n) => document.getElementById('worst').textContent.includes(`leaks ${n} sockets`), leaks + added),
        await text(page, 'worst'));
    expect('the comparison with the kernel lives', await until(page, (before) => document.getElementById('reconciliation').textContent !== before, seen), seen);
    expect('the collectors live', await page.evaluate(() => new Promise((done) => {
        new MutationObserver(() => done(true)).observe(document.getElementById('collectors'), { subtree: true, childList: true, characterData: true });
        setTimeout(() => done(false), 30000);
    })));
    await page.close();
}

async function hour() {
    const page = await open();
    // An hour has 1800 updates, two seconds apart.
    await page.evaluateOnNewDocument(() => {
        const wait = window.setTimeout.bind(window);
        const repeat = window.setInterval.bind(window);
        window.setTimeout = (work, milliseconds, ...rest) => wait(work, milliseconds / 100, ...rest);
        window.setInterval = (work, milliseconds, ...rest) => repeat(work, milliseconds / 100, ...rest); // the history too
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
    await { present: () => present(Number(given)), crowded, growing: () => growing(Number(given), Number(more)), hour, gone: () => gone(Number(given)) }[phase]();
} catch (error) {
    expect(`${phase} ends`, false, String(error.stack ?? error));
} finally {
    await browser.close();
}
process.exit(failed === 0 ? 0 : 1);
