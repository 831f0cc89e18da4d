// What was: sparklines and the slider.

const NOT_YET_WRITTEN = 60000; // the history of the last minute may still be on its way to the disk
let series = null; // the last answer of /api/v1/history?view=counts
let past = null; // the sample that the slider is at; null: the present

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
