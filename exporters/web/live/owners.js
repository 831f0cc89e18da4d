// Owners and their sockets.

const MOST_SOCKETS = 200;
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
