// The page, alive: it follows /api/v1/live, looks back with /api/v1/history, and changes what the daemon has written into it.
// Without the script the page is one of the moment at which it was loaded.

let present = null; // the last answer of /api/v1/live
let failing = null; // since when nothing answers

async function get(path) {
    const answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error((await answer.text()).trim() || `answer ${answer.status}`);
    return answer;
}
const lines = async (path) => (await (await get(path)).text()).split('\n').filter(Boolean).map((line) => JSON.parse(line));

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
