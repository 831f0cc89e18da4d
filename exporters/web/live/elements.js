// Elements of the page, and what is written into them.

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

const SVG = 'http://www.w3.org/2000/svg';
const draw = (tag, attributes, text) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
};
