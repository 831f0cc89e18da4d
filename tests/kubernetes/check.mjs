// Checks manifests against the published schemas of Kubernetes and of the Prometheus operator, twice: their validators
// know types and formats but let unknown fields pass; TypeScript's excess property check knows every field's name.
//
//     node check.mjs MODULES FILE...      MODULES: where npm put what package.json names
//
// Prints a line for each object; exit status 1 when one is wrong.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

const [modules, ...files] = process.argv.slice(2).map((path) => resolve(path));
const require = createRequire(join(modules, 'from-here.js'));
const load = (name) => import(pathToFileURL(join(modules, name)));
const {parseAllDocuments} = require('yaml');

// The module that describes an API version.
const describedBy = {
    v1: 'kubernetes-models/v1',
    'apps/v1': 'kubernetes-models/apps/v1',
    'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
};

function objectsIn(file) {
    return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
        if (document.errors.length > 0) {
            throw new Error(`${file}: ${document.errors[0].message}`);
        }
        return {file, value: document.toJS()};
    });
}

async function valueProblems({value}) {
    const module = describedBy[value.apiVersion];
    if (module === undefined) {
        return [`no schema for ${value.apiVersion}`];
    }
    const {[value.kind]: Model} = await load(`${module}/${value.kind}.js`);
    try {
        new Model(value).validate();
        return [];
    } catch (error) {
        return [error.message];
    }
}

// All objects as one TypeScript program: a field that no interface has is an error there.
function fieldProblems(objects) {
    const directory = mkdtempSync(join(modules, '..', 'types-'));
    try {
        symlinkSync(modules, join(directory, 'node_modules'));
        const lines = objects.flatMap(({value}, index) => [
            `import type {I${value.kind} as T${index}} from '${describedBy[value.apiVersion]}';`,
            `export const object${index}: T${index} = ${JSON.stringify(value, null, 1)};`,
        ]);
        writeFileSync(join(directory, 'manifests.ts'), lines.join('\n'));
        execFileSync(process.execPath,
            [join(modules, 'typescript', 'bin', 'tsc'), '--noEmit', '--strict', '--skipLibCheck',
             '--module', 'nodenext', '--target', 'es2022', join(directory, 'manifests.ts')],
            {cwd: directory, encoding: 'utf8'});
        return [];
    } catch (error) {
        return [error.stdout ?? error.message];
    } finally {
        rmSync(directory, {recursive: true});
    }
}

const objects = files.flatMap(objectsIn);
let wrong = 0;
for (const object of objects) {
    const problems = await valueProblems(object);
    wrong += problems.length;
    console.log(`${object.value.kind} ${object.value.metadata?.name}: ${problems.length ? problems.join('; ') : 'valid'}`);
}
const problems = fieldProblems(objects);
wrong += problems.length;
console.log(problems.length ? problems.join('\n') : 'fields: every one is known');
process.exit(wrong > 0 || objects.length === 0 ? 1 : 0);
