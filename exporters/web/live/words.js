// Numbers, ages and times in words, as the terminal commands have them.

const HELD = { process: 'held', accept_queue: 'queued', orphan: 'orphan', timewait: 'minisock', handshake: 'handshake' };

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
