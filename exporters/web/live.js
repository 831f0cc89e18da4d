// The page, alive: it follows /api/v1/live, looks back with /api/v1/history, and changes what the daemon has written
// into it. Without this file the page is one of the moment at which it was loaded.
'use strict';
(() => {
    const HALF_CLOSED = ['fin_wait1', 'fin_wait2', 'closing', 'close_wait', 'last_ack'];
    const HELD = { process: 'held', accept_queue: 'queued', orphan: 'orphan', timewait: 'minisock', handshake: 'handshake' };
    const RATE_WINDOW = 30; // updates that a rate is taken over
    const MOST_SOCKETS = 200;
    const NOT_YET_WRITTEN = 60000; // the history of the last minute may still be on its way to the disk
    const $ = (id) => document.getElementById(id);
    const make = (tag, props = {}, ...children) => {
        const element = Object.assign(document.createElement(tag), props);
        element.append(...children);
        return element;
    };
    const setText = (element, text) => {
        if (element && element.textContent !== text) element.textContent = text;
    };
    // A browser would break the line behind the hyphens of a flag.
    const setProse = (element, text) => {
        if (!element || element.textContent === text) return;
        element.replaceChildren(...text.split(/(--[\w-]+)/).map((part, i) => i % 2 ? make('span', { className: 'whole', textContent: part }) : part));
    };
    // A text of the drawing may be as wide as its place says, whatever the font and its size: of `texts`, each shorter than the
    // one before, the first that fits; the last is condensed.
    const fitted = new Map();
    const fit = (element, texts, room = Number(element?.dataset.room)) => {
        if (!element) return;
        const before = fitted.get(element);
        const size = getComputedStyle(element).fontSize;
        if (before && before.size === size && before.room === room && before.texts.join('\n') === texts.join('\n')) return;
        fitted.set(element, { texts, room, size });
        element.removeAttribute('textLength');
        for (const text of texts) {
            setText(element, text);
            if (element.getComputedTextLength() <= room) return;
        }
        element.setAttribute('lengthAdjust', 'spacingAndGlyphs');
        element.setAttribute('textLength', String(room));
    };
    const setClass = (element, name) => {
        if (element && element.getAttribute('class') !== name) element.setAttribute('class', name);
    };

    function duration(seconds) {
        const two = (value) => String(value).padStart(2, '0');
        const s = Math.max(0, seconds);
        if (s < 0.01) return `${s < 0.0001 ? 0 : (Math.floor(s * 10000) / 10).toFixed(1)}ms`;
        if (s < 1) return `${Math.floor(s * 1000)}ms`;
        if (s < 10) return `${(Math.floor(s * 10) / 10).toFixed(1)}s`;
        const whole = Math.floor(s);
        if (s < 60) return `${whole}s`;
        if (s < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
        if (s < 86400) return `${Math.floor(whole / 3600)}h${two(Math.floor(whole / 60) % 60)}m`;
        return `${Math.floor(whole / 86400)}d${two(Math.floor(whole / 3600) % 24)}h`;
    }
    /** "~ 12s", "≥ 3m10s", "3m10s–1h02m": how well an age is known. */
    function ageText(seconds, kind, most) {
        const text = duration(seconds);
        if (kind === 'estimated') return `~ ${text}`;
        if (kind !== 'at_least') return text;
        if (most == null) return `≥ ${text}`;
        return duration(most) === text ? `~ ${text}` : `${text}–${duration(most)}`;
    }
    const clock = (time) => new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
    const short = (number) => (number < 10000 ? String(number) : number < 9999500 ? `${Math.round(number / 1000)}k` : `${Math.round(number / 1000000)}M`);
    const rate = (perSecond) => (perSecond >= 10 ? short(Math.round(perSecond)) : perSecond >= 0.1 ? perSecond.toFixed(1) : perSecond.toFixed(2)) + '/s';
    const signed = (value) => (value > 0 ? '+' : '') + (Math.abs(value) >= 10 ? value.toFixed(0) : value.toFixed(1));

    // The states and what happened, at one moment.

    const totals = []; // of the last updates: {time, steps: Map}
    let present = null; // the last answer of /api/v1/live
    let series = null; // the last answer of /api/v1/history?view=counts
    let past = null; // the sample that the slider is at; null: the present
    let failing = null; // since when nothing answers

    const key = (step) => `${step.from}-${step.to}`;

    /** {edge: steps a second}, over the last updates. */
    function rates(live) {
        const now = new Map(live.steps.map((step) => [key(step), step.total]));
        totals.push({ time: Date.parse(live.time), steps: now });
        if (totals.length > RATE_WINDOW) totals.shift();
        const first = totals[0];
        const seconds = (totals[totals.length - 1].time - first.time) / 1000;
        const result = new Map();
        if (seconds > 0) {
            for (const [edge, total] of now) {
                const steps = total - (first.steps.get(edge) ?? total);
                if (steps > 0) result.set(edge, steps / seconds);
            }
        }
        return { rates: result, totals: now };
    }

    /** Who holds them: all of those, or the first and the rest. */
    function heldTexts(custody) {
        const parts = Object.entries(custody).map(([who, number]) => `${short(number)} ${HELD[who] ?? who}`);
        if (parts.length < 2) return parts;
        const others = Object.values(custody).slice(1).reduce((sum, number) => sum + number, 0);
        return [parts.join(', '), `${parts[0]}, ${short(others)} other`];
    }
    const causesText = (causes) => {
        const all = Object.entries(causes ?? {});
        return all.map(([cause, number]) => (all.length > 1 ? `${number} ${cause}` : cause)).join(', ') || '–';
    };

    function drawBox(state, box) {
        const count = box ? String(box.sockets) : '–';
        const held = box && box.sockets ? heldTexts(box.custody) : [''];
        const age = box && box.sockets && box.oldest_seconds != null ? `oldest ${duration(box.oldest_seconds)}` : '';
        fit($(`box-${state}-left`), [age && box.expires_seconds != null ? `≤ ${duration(box.expires_seconds)} left` : '']);
        fit($(`box-${state}-count`), [count]);
        fit($(`box-${state}-held`), held);
        fit($(`box-${state}-age`), [age]);
        setClass($(`box-${state}`), `state${box && box.leaked ? ' alarm' : box && box.sockets ? ' some' : ''}`);
    }

    function drawDead(dead) {
        setClass($('box-close'), dead ? 'state alarm' : 'state closed');
        fit($('box-close-held'), [dead ? `${dead} dead` : '']);
        setText($('box-close-age'), dead ? 'still open' : '');
    }

    /** `label`: whether an edge is taken now, and what stands at it: see fit(). */
    function drawEdges(leaked, label) {
        for (const path of document.querySelectorAll('#states path[id]')) {
            const edge = path.id.slice('edge-'.length);
            const text = label(edge);
            const missing = edge === 'close_wait-last_ack' && leaked > 0 && !text.moves;
            setClass(path, `step${missing ? ' missing' : text.texts[0] ? ' taken' : ''}`);
            const words = $(`${path.id}-rate`);
            words.classList.toggle('missing', missing);
            if (missing) fit(words, ['close() is missing'], Infinity); // on the other side of its arrow, where there is room
            else fit(words, text.texts);
        }
    }

    /** `rows`: of each its cells, [text, class]; the first is the row's name. */
    function fill(id, rows) {
        const body = $(id);
        while (body.rows.length > rows.length) body.lastElementChild.remove();
        rows.forEach((cells, index) => {
            let row = body.rows[index];
            if (!row) {
                row = make('tr', {}, make('th', { scope: 'row', className: 'name' }), ...cells.slice(1).map(() => make('td')));
                body.append(row);
            }
            cells.forEach(([text, style], column) => {
                setText(row.cells[column], text);
                if (column > 0) setClass(row.cells[column], style ?? 'number');
            });
        });
        body.closest('section').hidden = rows.length === 0;
    }

    function drawTables(live) {
        fill('sockets', Object.entries(live.states).map(([state, box]) => [[state], [box ? String(box.server) : '–'], [box ? String(box.client) : '–']]));
        fill('collectors', live.collectors.map((each) => {
            const asked = each.interval_seconds > each.wanted_interval_seconds ? ` (asked for: ${duration(each.wanted_interval_seconds)})` : '';
            return [[each.name], !each.allowed && !each.success ? ['not allowed here', 'unknown'] : each.success ? ['✓ works', 'good'] : ['✗ fails', 'bad'],
                [duration(each.duration_seconds)], [duration(each.interval_seconds) + asked]];
        }));
        fill('reconciliation', (live.reconciliation ?? []).map((each) => [[each.name], [String(each.counted)], [String(each.kernel)],
            each.agrees ? [each.elsewhere ? `✓ agrees, ${each.elsewhere} elsewhere` : '✓ agrees', 'good'] : ['✗ differs', 'bad']]));
    }

    function tell(id, text) {
        $(id).hidden = !text;
        setText($(id), text);
    }

    /** Who leaks most, and what to do about it. */
    function drawWorst(worst) {
        $('worst').hidden = !worst;
        setText($('worst-text'), worst ? worst.text : '');
        if (worst) $('worst-link').setAttribute('href', `/runbook#${worst.runbook}`);
    }

    /** Of sockets that did not end as they should, what became of them. */
    function outcome(edge, ended) {
        if (edge === 'close_wait-close') return ' reset';
        if (edge !== 'fin_wait2-close') return '';
        return ended && ended.fin_wait2.killed ? ' expired or killed' : ' expired';
    }

    const edgeTexts = (total, ended, more) => [`${total}${ended}${more}`, `${short(total)}${ended}${more}`, `${short(total)}${ended}`];

    function drawPresent(live) {
        for (const [state, box] of Object.entries(live.states)) drawBox(state, box);
        drawDead(live.dead);
        const { rates: moving, totals: counted } = rates(live);
        const leaked = live.states.close_wait ? live.states.close_wait.leaked : 0;
        drawEdges(leaked, (edge) => {
            const now = moving.get(edge);
            const total = counted.get(edge) ?? 0;
            return { moves: Boolean(now), texts: total ? edgeTexts(total, outcome(edge, live.ended), now ? ` · ${rate(now)}` : '') : [''] };
        });
        drawOwners(live.owners ?? [], live.owners !== null);
        drawTables(live);
        drawWorst(live.worst);
        tell('unaccounted', live.unaccounted);
        setProse($('summary'), live.summary);
        setText($('as-of'), `as of ${clock(live.time)}`);
    }

    /** The table of what was recorded of that time, and what was not. */
    function drawThen(boxes) {
        if (!$('then')) {
            const head = make('tr', {}, ...['state', 'sockets', 'oldest', 'who has them'].map((title, i) => make('th', { scope: 'col', className: i === 1 || i === 2 ? 'number' : '', textContent: title })));
            document.querySelector('.tables').after(make('section', { id: 'then' }, make('h2', { textContent: 'Sockets then' }),
                make('table', {}, make('thead', {}, head), make('tbody', { id: 'then-rows' })),
                make('p', { className: 'when', textContent: 'Not recorded: which side a socket was on, the causes of leaks by owner, the collectors, the kernel’s own counts. An owner’s sockets have their causes.' })));
        }
        const states = [...new Set([...Object.keys(present?.states ?? {}), ...Object.keys(boxes)])].filter((state) => boxes[state]);
        fill('then-rows', states.map((state) => {
            const box = boxes[state];
            const aged = box.sockets > 0 && box.oldest_seconds != null && HALF_CLOSED.includes(state);
            const held = Object.entries(box.custody).filter(([, number]) => number > 0).map(([who, number]) => `${number} ${HELD[who] ?? who}`);
            return [[state], [String(box.sockets)], [aged ? duration(box.oldest_seconds) : '–'], [held.join(', ') || '–', 'cause']];
        }));
    }

    function drawPast(sample) {
        const boxes = {};
        for (const [state, custody, sockets, oldest] of sample.states) {
            const box = boxes[state] ??= { sockets: 0, custody: {}, oldest_seconds: 0 };
            box.sockets += sockets;
            box.custody[custody] = sockets;
            box.oldest_seconds = Math.max(box.oldest_seconds, oldest);
        }
        const leaked = sample.owners.reduce((sum, owner) => sum + owner[2], 0);
        if (boxes.close_wait) boxes.close_wait.leaked = leaked;
        for (const state of [...HALF_CLOSED, 'established', 'time_wait']) {
            const empty = { sockets: 0, custody: {}, oldest_seconds: null };
            if (['established', 'time_wait'].includes(state) && boxes[state]) boxes[state].oldest_seconds = null;
            drawBox(state, boxes[state] ??= empty);
        }
        drawThen(boxes);
        drawDead(sample.owners.reduce((sum, owner) => sum + owner[3], 0));
        const steps = new Map(sample.steps.map(([from, to, count]) => [`${from}-${to}`, count]));
        drawEdges(leaked, (edge) => ({ moves: steps.has(edge), texts: steps.has(edge) ? edgeTexts(steps.get(edge), outcome(edge), ' then') : [''] }));
        drawWorst(null);
        tell('unaccounted', '');
        drawOwners(sample.owners.map(([name, half_closed, leaks, dead]) => ({ name, half_closed, leaked: leaks, dead })));
        setText($('summary'), `${sample.states.filter(([state]) => HALF_CLOSED.includes(state)).reduce((sum, each) => sum + each[2], 0)} half-closed sockets then.`);
        setText($('as-of'), `at ${new Date(sample.t).toLocaleString([], { hour12: false })}`);
    }

    // Owners, their sockets, and a socket's story.

    let taken = false; // the table of owners is ours
    const rows = new Map(); // name → {row, cells, detail}

    function ownerRow(name) {
        const button = make('button', { type: 'button', className: 'open', textContent: name });
        button.setAttribute('aria-expanded', 'false');
        const head = make('th', { scope: 'row', className: 'owner' }, button);
        const cells = ['leaked', 'cause', 'growth', 'oldest', 'descriptors', 'left'].map((what) => make('td', { className: what === 'cause' ? what : `number ${what}` }));
        const row = make('tr', {}, head, ...cells);
        const entry = { row, button, cells, detail: null };
        button.addEventListener('click', () => toggleOwner(name, entry));
        return entry;
    }

    function drawOwners(owners, known = true) {
        const body = $('owners');
        if (!taken) { // what the daemon wrote has no buttons
            body.replaceChildren();
            taken = true;
        }
        const seen = new Set();
        let place = null; // what the next row comes after
        for (const owner of owners) {
            seen.add(owner.name);
            let entry = rows.get(owner.name);
            if (!entry) {
                entry = ownerRow(owner.name);
                rows.set(owner.name, entry);
            }
            const use = owner.descriptors;
            const texts = [
                String(owner.leaked) + (owner.dead ? ` (${owner.dead} dead)` : '') + (owner.half_closed > owner.leaked ? ` of ${owner.half_closed}` : ''),
                causesText(owner.causes),
                owner.growth_per_hour ? signed(owner.growth_per_hour) : owner.growth_per_hour === 0 ? '0' : '–',
                owner.oldest_seconds == null ? '–' : ageText(owner.oldest_seconds, owner.oldest, owner.oldest_at_most_seconds),
                use ? `${use.used} of ${use.limit}` : '–',
                owner.left_seconds == null ? '–' : duration(owner.left_seconds),
            ];
            texts.forEach((text, index) => setText(entry.cells[index], text));
            setClass(entry.cells[0], `number leaked${owner.leaked + owner.dead > 0 ? ' bad' : ''}`);
            setClass(entry.cells[5], `number left${owner.left_seconds != null && owner.left_seconds < 3600 ? ' bad' : ''}`);
            const after = place ? place.nextSibling : body.firstChild;
            if (after !== entry.row) body.insertBefore(entry.row, after);
            place = entry.row;
            if (entry.detail) {
                if (entry.row.nextSibling !== entry.detail) body.insertBefore(entry.detail, entry.row.nextSibling);
                place = entry.detail;
            }
        }
        for (const [name, entry] of rows) {
            if (!seen.has(name)) {
                entry.row.remove();
                if (entry.detail) entry.detail.remove();
                rows.delete(name);
            }
        }
        $('no-owners').hidden = !known || owners.length > 0;
    }

    async function get(path) {
        const answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
        if (!answer.ok) throw new Error((await answer.text()).trim() || `answer ${answer.status}`);
        return answer;
    }
    const lines = async (path) => (await (await get(path)).text()).split('\n').filter(Boolean).map((line) => JSON.parse(line));

    function stateAt(record, time) {
        const span = record.states.filter((each) => Date.parse(each.began) <= time).pop() ?? record.states[0];
        return { state: span.state, cause: span.cause };
    }

    async function socketsOf(owner) {
        const name = encodeURIComponent(owner);
        if (past) {
            const at = encodeURIComponent(new Date(past.t).toISOString());
            return (await lines(`/api/v1/history?from=${at}&to=${at}&owner=${name}&limit=${MOST_SOCKETS}`)).map((each) => ({
                cookie: each.cookie, local: each.local, remote: each.remote, age_seconds: (past.t - Date.parse(each.began)) / 1000,
                ...stateAt(each, past.t), owner: each.owner, dead: false }));
        }
        return (await (await get(`/api/v1/snapshot?owner=${name}&limit=${MOST_SOCKETS}`)).json()).sockets;
    }

    async function toggleOwner(name, entry) {
        const open = !entry.detail;
        entry.button.setAttribute('aria-expanded', String(open));
        if (!open) {
            entry.detail.remove();
            entry.detail = null;
            return;
        }
        const cell = make('td', { colSpan: 7, className: 'detail' }, make('p', { textContent: 'Reading …' }));
        entry.detail = make('tr', {}, cell);
        entry.row.after(entry.detail);
        try {
            const sockets = await socketsOf(name);
            cell.replaceChildren(socketTable(sockets));
        } catch (error) {
            cell.replaceChildren(make('p', { textContent: `No sockets: ${error.message}` }));
        }
    }

    function socketTable(sockets) {
        if (!sockets || sockets.length === 0) return make('p', { textContent: 'No half-closed sockets.' });
        const head = make('tr', {}, ...['local', 'remote', 'state', 'cause', 'age', 'process'].map((title) => make('th', { scope: 'col', textContent: title })));
        const body = make('tbody');
        for (const socket of sockets) {
            const process = socket.owner.processes[0];
            const button = make('button', { type: 'button', className: 'open', textContent: socket.local });
            button.setAttribute('aria-expanded', 'false');
            const row = make('tr', {}, make('th', { scope: 'row' }, button), make('td', { textContent: socket.remote }),
                make('td', { textContent: socket.dead ? 'dead' : socket.state }), make('td', { textContent: socket.cause ?? '–' }),
                make('td', { className: 'number', textContent: ageText(socket.age_seconds, socket.age, socket.age_at_most_seconds) }),
                make('td', { textContent: process ? `${process.comm} ${process.pid}${process.fd == null ? '' : `, fd ${process.fd}`}` : '–' }));
            let detail = null;
            button.addEventListener('click', async () => {
                button.setAttribute('aria-expanded', String(!detail));
                if (detail) {
                    detail.remove();
                    detail = null;
                    return;
                }
                const cell = make('td', { colSpan: 6, className: 'detail' }, make('p', { textContent: 'Reading …' }));
                detail = make('tr', {}, cell);
                row.after(detail);
                cell.replaceChildren(...await story(socket));
            });
            body.append(row);
        }
        const table = make('table', { className: 'sockets' }, make('thead', {}, head), body);
        const scroll = make('div', { className: 'scroll', tabIndex: 0 }, table);
        scroll.setAttribute('role', 'region');
        scroll.setAttribute('aria-label', 'Sockets');
        return sockets.length < MOST_SOCKETS ? scroll : make('div', {}, scroll, make('p', { textContent: `The ${MOST_SOCKETS} oldest; halfclosed snapshot has all.` }));
    }

    const SVG = 'http://www.w3.org/2000/svg';
    const draw = (tag, attributes, text) => {
        const element = document.createElementNS(SVG, tag);
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
        if (text !== undefined) element.textContent = text;
        return element;
    };

    /** A lane of the socket's states, as the lab draws one, and the same as a list. */
    function lane(record) {
        const width = Math.min(600, document.documentElement.clientWidth - 80); // its words are as large as others
        const seconds = record.states.map((span) => Math.max(span.seconds, 0));
        const total = seconds.reduce((sum, each) => sum + each, 0) || 1;
        const svg = draw('svg', { viewBox: `0 0 ${width} 64`, class: 'lane', role: 'img', 'aria-label': `States of the socket: ${record.states.map((span) => span.state).join(', ')}` });
        // Each state is at least wide enough to be seen; the rest is shared by time.
        const least = 14;
        const shared = width - least * seconds.length;
        let x = 0;
        record.states.forEach((span, index) => {
            const wide = least + shared * seconds[index] / total;
            svg.append(draw('rect', { x, y: 22, width: Math.max(wide - 1, 1), height: 20, class: `span ${span.state}` }));
            if (wide > 90) svg.append(draw('text', { x: x + wide / 2, y: 37, class: 'span-name' }, span.state));
            x += wide;
        });
        svg.append(draw('text', { x: 0, y: 14, class: 'end-left' }, new Date(record.began).toLocaleString([], { hour12: false })));
        svg.append(draw('text', { x: width, y: 14, class: 'end-right' }, record.ended ? `${record.how}, ${clock(record.ended)}` : 'now'));
        svg.append(draw('text', { x: 0, y: 60, class: 'end-left' }, duration(total)));
        const list = make('ol', { className: 'states' }, ...record.states.map((span) => make('li', {},
            make('b', { textContent: span.state }), ` ${duration(span.seconds)}${span.cause ? `, ${span.cause}` : ''}, ${HELD[span.custody] ?? span.custody}, since ${clock(span.began)}`)));
        return make('div', {}, svg, list);
    }

    async function story(socket) {
        const parts = [];
        try {
            const [record] = await lines(`/api/v1/history?cookie=${socket.cookie}&limit=1`);
            if (record && !record.ended) { // it is written now and then, and goes on meanwhile
                const last = record.states[record.states.length - 1];
                const now = past ? past.t : Date.parse(present.time);
                last.seconds = Math.max(last.seconds, (now - Date.parse(last.began)) / 1000);
            }
            parts.push(record ? lane(record) : make('p', { textContent: 'Nothing is recorded of it yet.' }));
        } catch (error) {
            parts.push(make('p', { textContent: `No history: ${error.message}` }));
        }
        parts.push(await runbook(socket.dead ? 'deadsockets' : socket.state === 'close_wait' ? 'closewaitleak' : socket.state === 'fin_wait2' ? 'finwait2expiring' : 'orphansnearlimit'));
        return parts;
    }

    let book = null; // the runbook's document, once it was read

    /** What to do about it: a section of /runbook. */
    async function runbook(section) {
        const link = make('a', { href: `/runbook#${section}`, textContent: 'Runbook' });
        try {
            book ??= new DOMParser().parseFromString(await (await get('/runbook')).text(), 'text/html');
            const start = book.getElementById(section);
            const advice = make('section', { className: 'advice' }, make('h3', { textContent: 'What to do' }));
            for (let next = start?.nextElementSibling; next && !/^H[12]$/.test(next.tagName); next = next.nextElementSibling) {
                const copy = document.importNode(next, true);
                for (const each of [copy, ...copy.querySelectorAll('[id]')]) each.removeAttribute('id');
                advice.append(copy);
            }
            advice.append(make('p', {}, link));
            return advice;
        } catch {
            return make('p', { className: 'advice' }, link);
        }
    }

    // What was: sparklines and the slider.

    function sparkline(id, values, times, from, to) {
        const svg = $(id);
        if (!svg) return;
        const most = Math.max(1, ...values);
        const x = (time) => (300 * (time - from) / Math.max(1, to - from)).toFixed(1);
        const y = (value) => (38 - 34 * value / most).toFixed(1);
        let path = '';
        values.forEach((value, index) => {
            path += `${path ? `H${x(times[index])}V` : `M${x(times[index])} `}${y(value)}`;
        });
        svg.querySelector('path').setAttribute('d', path ? `${path}H300` : '');
        setText($(`${id}-most`), values.length ? `at most ${Math.max(...values)}` : '');
    }

    function drawSeries() {
        const samples = series.samples;
        const [from, to] = [Date.parse(series.from), Date.parse(series.to)];
        const times = samples.map((sample) => sample.t);
        const sum = (sample, wanted) => sample.states.filter(([state]) => wanted.includes(state)).reduce((all, each) => all + each[2], 0);
        sparkline('spark-close_wait', samples.map((sample) => sum(sample, ['close_wait'])), times, from, to);
        sparkline('spark-fin_wait2', samples.map((sample) => sum(sample, ['fin_wait2'])), times, from, to);
        sparkline('spark-leaked', samples.map((sample) => sample.owners.reduce((all, owner) => all + owner[2] + owner[3], 0)), times, from, to);
        const gaps = $('gaps');
        gaps.replaceChildren();
        let seen = from;
        for (const [start, end] of [...series.observed.map((span) => span.map((time) => Date.parse(time))), [to, to]]) {
            if (start - seen > (start === to ? NOT_YET_WRITTEN : 15000)) {
                gaps.append(draw('rect', { x: 300 * (seen - from) / (to - from), y: 0, width: 300 * (start - seen) / (to - from), height: 6, class: 'gap' }));
            }
            seen = Math.max(seen, end);
        }
        const slider = $('slider');
        slider.max = String(samples.length);
        slider.value = past ? String(Math.max(0, samples.findLastIndex((each) => each.t <= past.t))) : slider.max;
        slider.disabled = samples.length === 0;
        $('history').hidden = false;
    }

    async function readSeries() {
        try {
            series = await (await get('/api/v1/history?view=counts')).json();
            drawSeries();
        } catch {
            if (!past) $('history').hidden = true; // none is recorded, or it is not shown here
        }
    }

    function slide() {
        const slider = $('slider');
        const index = Number(slider.value);
        past = series && index < series.samples.length ? series.samples[index] : null;
        document.body.classList.toggle('past', Boolean(past));
        $('to-now').hidden = !past;
        slider.setAttribute('aria-valuetext', past ? new Date(past.t).toLocaleString([], { hour12: false }) : 'now');
        for (const entry of rows.values()) {
            if (entry.detail) { // what is open is of another time
                entry.detail.remove();
                entry.detail = null;
                entry.button.setAttribute('aria-expanded', 'false');
            }
        }
        if (past) drawPast(past);
        else if (present) drawPresent(present);
    }

    // Following the present.

    function tellBlind(why) {
        document.body.classList.toggle('blind', Boolean(why));
        const banner = $('blind');
        banner.hidden = !why;
        setText(banner, why);
    }

    /** Milliseconds to the next multiple of `seconds`, but not at once: those who look ask together, which is cheaper to answer. */
    function together(seconds) {
        const all = Math.round(seconds) * 1000; // a poll's interval may be any
        const left = all - Date.now() % all;
        return left < all / 4 ? left + all : left;
    }

    async function follow() {
        let pause = 2000;
        let answered = false;
        try {
            present = await (await get('/api/v1/live')).json();
            answered = true;
            failing = null;
            pause = together(present.poll_seconds);
        } catch {
            failing ??= new Date();
            pause = Math.min(10000, 2000 + (Date.now() - failing) / 10);
            tellBlind(`✗ halfclosed does not answer since ${clock(failing)}: what you see is of before.`);
        }
        setTimeout(() => (document.hidden ? document.addEventListener('visibilitychange', follow, { once: true }) : follow()), pause);
        if (answered) {
            tellBlind(present.blind ? `✗ Blind${present.blind.since ? ` since ${clock(present.blind.since)}` : ''}: ${present.blind.why}.` : '');
            if (!past) drawPresent(present);
        }
    }

    // The browser reads the page on after this file. What the daemon has written is shown first: nothing of ours holds up a frame.
    document.addEventListener('DOMContentLoaded', () => {
        $('slider').addEventListener('input', slide);
        addEventListener('resize', () => fitted.forEach(({ texts, room }, element) => fit(element, texts, room)));
        $('to-now').addEventListener('click', () => {
            const slider = $('slider');
            slider.value = slider.max;
            slide();
            slider.focus();
        });
        requestAnimationFrame(() => setTimeout(() => {
            document.body.classList.add('live');
            follow();
            readSeries();
            setInterval(() => !document.hidden && readSeries(), 60000);
        }));
    });
})();
