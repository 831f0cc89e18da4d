// Draws a dashboard with Grafana's own components: values, time series and tables. The plugins of the other panels
// (heatmap, state timeline, canvas) are not to be had as a library; their places stay empty.

// require, for the ESM builds of these import CommonJS packages in a way that only their own bundler gets right.
const React = require('react');
const { createRoot } = require('react-dom/client');
const { lastValueFrom } = require('rxjs');
const {
    createTheme, dateTime, FieldType, getDisplayProcessor, getFieldDisplayName, standardTransformers,
    standardTransformersRegistry, ThemeContext, toDataFrame, transformDataFrame,
} = require('@grafana/data');
const { BigValue, GlobalStyles, Table, TimeSeries } = require('@grafana/ui');

const COLUMN = 64, ROW = 38, GAP = 8;
const theme = createTheme({ colors: { mode: 'dark' } });
standardTransformersRegistry.setInit(() =>
    [standardTransformers.mergeTransformer, standardTransformers.organizeFieldsTransformer].map((t) => ({
        id: t.id, name: t.name, transformation: async () => t, imageDark: '', imageLight: '', editor: () => null,
    })) as any);

const legend = (target: any, metric: any) =>
    (target.legendFormat ?? '').replace(/{{(\w+)}}/g, (_: string, label: string) => metric[label] ?? '');

/// Sets a dotted path, as overrides name what they change: "custom.cellOptions".
function assign(config: any, path: string, value: any) {
    const keys = path.split('.');
    const last = keys.pop()!;
    keys.reduce((at, key) => (at[key] ??= {}), config)[last] = value;
}

function configure(panel: any, frames: any[]) {
    let seriesIndex = 0;           // a colour of the palette each
    for (const frame of frames) {
        for (const field of frame.fields) {
            if (field.type === FieldType.time) {
                field.display = getDisplayProcessor({ field, theme });
                continue;
            }
            field.config = { ...structuredClone(panel.fieldConfig.defaults), displayNameFromDS: field.config.displayNameFromDS };
            field.state = { ...field.state, seriesIndex: seriesIndex++ };
            const name = getFieldDisplayName(field, frame, frames);
            for (const override of panel.fieldConfig.overrides) {
                if (override.matcher.id === 'byName' && override.matcher.options === name) {
                    override.properties.forEach((p: any) => assign(field.config, p.id, p.value));
                }
            }
            field.display = getDisplayProcessor({ field, theme });
        }
    }
    return frames;
}

function linesOf(panel: any, results: any) {
    return panel.targets.flatMap((target: any) => results[target.refId].map((series: any) => toDataFrame({
        refId: target.refId,
        fields: [
            { name: 'Time', type: FieldType.time, values: series.values.map(([at]: any) => at * 1000) },
            { name: 'Value', type: FieldType.number, labels: series.metric,
              config: { displayNameFromDS: legend(target, series.metric) },
              values: series.values.map(([, value]: any) => Number(value)) },
        ],
    })));
}

/// A frame a query, as the Prometheus data source makes of "format": "table".
function tablesOf(panel: any, results: any) {
    const several = panel.targets.length > 1;
    return panel.targets.map((target: any) => {
        const series = results[target.refId];
        const labels = [...new Set<string>(series.flatMap((s: any) => Object.keys(s.metric)))];
        return toDataFrame({
            refId: target.refId,
            fields: [
                { name: 'Time', type: FieldType.time, values: series.map((s: any) => s.values[0][0] * 1000) },
                ...labels.map((label) => ({ name: label, type: FieldType.string, values: series.map((s: any) => s.metric[label]) })),
                { name: several ? `Value #${target.refId}` : 'Value', type: FieldType.number,
                  values: series.map((s: any) => Number(s.values[0][1])) },
            ],
        });
    });
}

function timeRange(frames: any[]) {
    const times = frames.flatMap((frame) => frame.fields[0].values);
    const from = dateTime(Math.min(...times)), to = dateTime(Math.max(...times));
    return { from, to, raw: { from, to } };
}

async function drawn(panel: any, results: any, width: number, height: number) {
    if (panel.type === 'timeseries') {
        const frames = configure(panel, linesOf(panel, results));
        if (frames.length === 0) {
            return <i>No data</i>;
        }
        return <TimeSeries frames={frames} width={width} height={height} timeZone="utc" timeRange={timeRange(frames)}
                           legend={panel.options.legend} structureRev={1} />;
    }
    if (panel.type === 'stat') {
        const frames = configure(panel, linesOf(panel, results));
        const value = frames.length ? frames[0].fields[1].display(frames[0].fields[1].values[0])
            : { text: panel.fieldConfig.defaults.noValue, numeric: NaN, color: theme.colors.text.secondary };
        return <BigValue value={value} theme={theme} width={width} height={height} colorMode={panel.options.colorMode}
                         graphMode={panel.options.graphMode} justifyMode={panel.options.justifyMode} />;
    }
    if (panel.type === 'table') {
        const [frame] = await lastValueFrom(transformDataFrame(panel.transformations, tablesOf(panel, results)));
        configure(panel, [frame]);
        return <Table data={frame} width={width} height={height} initialSortBy={panel.options.sortBy} />;
    }
    return <i>{panel.type}: not drawn here</i>;
}

/// A panel that cannot be drawn says so and leaves the others alone.
class Boundary extends React.Component {
    state = { error: null };

    static getDerivedStateFromError(error: any) {
        return { error };
    }

    componentDidCatch(error: any) {
        (window as any).failed.push(`${this.props.title}: ${error.message} ${error.stack.split('\n').slice(1, 4).join(' ')}`);
    }

    render() {
        return this.state.error ? null : this.props.children;
    }
}

(window as any).failed = [];

function Box({ panel, children }: any) {
    const { x, y, w, h } = panel.gridPos;
    const row = panel.type === 'row';
    return <section data-panel={panel.title} style={{
        position: 'absolute', left: x * COLUMN, top: y * ROW, width: w * COLUMN - GAP, height: h * ROW - GAP,
        overflow: 'hidden', background: row ? 'none' : theme.colors.background.primary,
        border: row ? 0 : `1px solid ${theme.colors.border.weak}`,
    }}><h6 style={{ margin: '4px 8px', fontSize: 13 }}>{panel.title}</h6>{children}</section>;
}

(window as any).draw = async (board: any, results: any) => {
    const boxes = await Promise.all(board.panels.map(async (panel: any) => {
        const width = panel.gridPos.w * COLUMN - GAP - 2, height = panel.gridPos.h * ROW - GAP - 30;
        return <Box key={panel.id} panel={panel}>
            {panel.type !== 'row' && <Boundary title={panel.title}>
                {await drawn(panel, results[panel.id], width, height)}
            </Boundary>}
        </Box>;
    }));
    const rows = Math.max(...board.panels.map((panel: any) => panel.gridPos.y + panel.gridPos.h));
    createRoot(document.getElementById('root')!).render(<ThemeContext.Provider value={theme}>
        <GlobalStyles />
        <div style={{ position: 'relative', width: 24 * COLUMN, height: rows * ROW }}>{boxes}</div>
    </ThemeContext.Provider>);
};
