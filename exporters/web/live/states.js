// The states and what happened, at one moment: the present, or one of the past.

const HALF_CLOSED = ['fin_wait1', 'fin_wait2', 'closing', 'close_wait', 'last_ack'];
const RATE_WINDOW = 30; // updates that a rate is taken over
const totals = []; // of the last updates: {time, steps: Map}

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
