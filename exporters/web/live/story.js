// A socket's story, and what to do about it.

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
