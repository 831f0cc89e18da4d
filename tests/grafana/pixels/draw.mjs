// usage: node draw.mjs RESULTS [FOLDER]: RESULTS as tests/prometheus/live/panels_test.py keeps them. Draws both
// dashboards in headless Chromium, checks that nothing went wrong and that each panel shows something, and leaves
// pictures in FOLDER (build/pixels) for a person to look at. Not part of the default test run: it needs npm ci.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../../..');
const boards = join(root, 'deploy/grafana/dashboards');
const [, , resultsFile, folder = join(root, 'build/pixels')] = process.argv;
if (!resultsFile) {
    console.error('usage: node draw.mjs RESULTS [FOLDER]');
    process.exit(2);
}
const results = JSON.parse(readFileSync(resultsFile));
mkdirSync(folder, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'halfclosed-pixels-'));

const DRAWN = ['stat', 'timeseries', 'table'];
let failures = 0;
function fail(text) {
    console.error(text);
    failures++;
}

let browser;
try {
    await build({
        entryPoints: [join(here, 'draw.tsx')], bundle: true, outfile: join(work, 'draw.js'), format: 'iife',
        define: { 'process.env.NODE_ENV': '"production"', global: 'window' }, jsx: 'transform', logLevel: 'error',
        loader: { '.svg': 'dataurl', '.woff': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl' },
    });
    browser = await chromium.launch({
        executablePath: '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync'],
    });
    for (const name of readdirSync(boards).filter((file) => file.endsWith('.json'))) {
        const board = JSON.parse(readFileSync(join(boards, name)));
        const page = await browser.newPage({ viewport: { width: 1560, height: 1000 } });
        page.on('pageerror', (error) => fail(`${name}: ${error.message}`));
        // An address of its own, for what wants a localStorage; nothing is fetched from it or anywhere.
        await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html',
            body: '<body style="margin:8px;background:#111217"><div id="root"></div></body>' }));
        await page.goto('http://drawing.localhost/');
        await page.addStyleTag({ path: join(here, 'node_modules/uplot/dist/uPlot.min.css') });
        await page.addScriptTag({ path: join(work, 'draw.js') });
        await page.evaluate(([b, r]) => window.draw(b, r), [board, results[board.uid]]);
        await page.waitForTimeout(1500);
        for (const text of await page.evaluate(() => window.failed)) {
            fail(`${name}: ${text}`);
        }
        for (const panel of board.panels.filter((p) => DRAWN.includes(p.type))) {
            const box = page.locator(`section[data-panel=${JSON.stringify(panel.title)}]`);
            const text = (await box.innerText()).replace(panel.title, '').trim();
            const shown = text || await box.locator('canvas').count();
            if (!shown) {
                fail(`${name}: ${panel.title} shows nothing`);
            }
            if (/{{|undefined|\[object/.test(text)) {
                fail(`${name}: ${panel.title} has a name that was not filled in: ${text}`);
            }
        }
        const picture = resolve(folder, name.replace('.json', '.png'));
        await page.screenshot({ path: picture, fullPage: true });
        console.log(picture);
        await page.close();
    }
} finally {
    await browser?.close();
    rmSync(work, { recursive: true });
}
process.exit(failures ? 1 : 0);
