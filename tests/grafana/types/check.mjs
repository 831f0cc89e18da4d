// Checks the dashboards against the types that Grafana itself is built with: the dashboard as a whole, and the options
// and field options of each panel against those of its plugin. Not part of the default test run: it needs npm ci.

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const here = dirname(fileURLToPath(import.meta.url));
const folder = join(here, '../../../deploy/grafana/dashboards');

// panel type -> folder of its schema, name of its schema, name of the type of its field options
const PLUGINS = {
    canvas: ['canvas', 'Canvas'],
    heatmap: ['heatmap', 'Heatmap', 'FieldConfig'],
    stat: ['stat', 'Stat'],
    'state-timeline': ['statetimeline', 'StateTimeline', 'FieldConfig'],
    table: ['table', 'Table', 'FieldConfig'],
    timeseries: ['timeseries', 'TimeSeries', 'FieldConfig'],
};

// A JSON file holds the values of Grafana's enumerations, not their names; and it may leave out what has a default.
// An annotation has the fields of its data source's queries beside those of the schema.
const HEAD = `
import type { AnnotationQuery, Dashboard } from '@grafana/schema';
type Json<T> = T extends string ? \`\${T}\` : T extends Array<infer U> ? Array<Json<U>>
    : T extends object ? { [K in keyof T]?: Json<T[K]> } : T;
type Annotation = Json<AnnotationQuery>
    & { expr: string; step: string; titleFormat: string; textFormat: string; useValueForTime: boolean };
type Board = Omit<Json<Dashboard>, 'annotations'> & { annotations: { list: Annotation[] } };
`;

function source(board) {
    const types = new Set(board.panels.map((panel) => panel.type).filter((type) => type !== 'row'));
    const imports = [];
    for (const type of types) {
        const [path, name] = PLUGINS[type];
        imports.push(`import type * as ${name} from '@grafana/schema/dist/esm/raw/composable/${path}/panelcfg/x/${name}PanelCfg_types.gen';`);
    }
    const checks = board.panels.filter((panel) => panel.type !== 'row').map((panel) => {
        const [, name, field] = PLUGINS[panel.type];
        const lines = [`// ${panel.title}`, `(${JSON.stringify(panel.options)}) satisfies Json<${name}.Options>;`];
        if (panel.fieldConfig.defaults.custom) {
            lines.push(`(${JSON.stringify(panel.fieldConfig.defaults.custom)}) satisfies Json<${name}.${field}>;`);
        }
        return lines.join('\n');
    });
    // Grafana's own type wants each option map to be open; the plugins' types above close it.
    return `${imports.join('\n')}\n${HEAD}\n(${JSON.stringify(board)}) satisfies Board;\n${checks.join('\n')}\n`;
}

/// What the compiler has to say about a dashboard, a line each.
function complaints(board) {
    const work = mkdtempSync(join(here, 'node_modules/.check-'));
    try {
        const file = join(work, 'dashboard.ts');
        writeFileSync(file, source(board));
        const program = ts.createProgram([file], {
            module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, noEmit: true,
            skipLibCheck: true, strict: true, target: ts.ScriptTarget.ES2022, types: [],
        });
        return ts.getPreEmitDiagnostics(program).map((found) => {
            const text = ts.flattenDiagnosticMessageText(found.messageText, ' ');
            if (!found.file || found.file.fileName !== file) {
                return text;
            }
            const lines = found.file.text.slice(0, found.start).split('\n');
            const panel = lines.filter((line) => line.startsWith('// ')).pop();
            return `${panel ? panel.slice(3) : 'dashboard'}: ${text} at ${found.file.text.slice(found.start, found.start + 60)}`;
        });
    } finally {
        rmSync(work, { recursive: true });
    }
}

let failures = 0;
for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
    const board = JSON.parse(readFileSync(join(folder, name)));
    for (const line of complaints(board)) {
        console.error(`${name}: ${line}`);
        failures++;
    }
    // The check itself must see what is wrong.
    const stat = board.panels.find((panel) => panel.type === 'stat');
    for (const broken of [
        { ...board, bogus: 1 },
        { ...board, schemaVersion: '39' },
        { ...board, panels: [{ ...stat, options: { ...stat.options, textMode: 'values' } }] },
        { ...board, panels: [{ ...stat, options: { ...stat.options, textmode: 'value' } }] },
    ]) {
        if (complaints(broken).length === 0) {
            console.error(`${name}: a broken copy passes`);
            failures++;
        }
    }
    console.log(`${name}: checked`);
}
process.exit(failures ? 1 : 0);
