#include "scenarios/diagram/svg_style.h"

namespace halfclosed::scenarios {

const char* const kSvgStyle = R"css(
text { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; font-size: 12px; fill: #1f2328 }
.small { font-size: 11px }
.strong { font-weight: 600 }
.title { font-size: 20px; font-weight: 600 }
.page { fill: #ffffff }
.dim { fill: #59636e }
.held { fill: #454c54 }
.rule { stroke: #eff2f5 }
.line { stroke: #d1d9e0 }
.bar { stroke: #8c959f; fill: #f6f8fa }
.established { fill: #ddf4ff; stroke: #54aeff }
.fin_wait1, .closing { fill: #fff8c5; stroke: #d4a72c }
.fin_wait2 { fill: #ffebb0; stroke: #bf8700 }
.time_wait { fill: #eaeef2; stroke: #8c959f }
.close_wait { fill: #ffdfdb; stroke: #fa4549 }
.last_ack { fill: #ffeff7; stroke: #ff80c8 }
.implied { stroke-dasharray: 4 3 }
.end { stroke: #59636e; stroke-width: 3; fill: none }
.strip { stroke: none }
.process { fill: #1f2328 }
.orphan { fill: #cf222e }
.minisock { fill: #ffffff; stroke: #59636e }
.queue { fill: #8250df }
.shaft, .tick, .rule, .line, .axis { fill: none }
.shaft { stroke-width: 1.5 }
.plain.shaft, .tick { stroke: #818b98 }
.plain.head { fill: #818b98 }
.plain.label { fill: #59636e }
.data.shaft, .fin.shaft { stroke: #1f2328 }
.fin.shaft, .reset.shaft { stroke-width: 2.5 }
.fin.label, .reset.label { font-weight: 700 }
.data.head, .fin.head { fill: #1f2328 }
.reset.shaft, .failed.tick { stroke: #cf222e }
.reset.head { fill: #cf222e }
text.reset, text.failed, text.fail { fill: #cf222e }
text.signal { fill: #8250df; font-weight: 700 }
.signal.tick { stroke: #8250df }
.halo, .label { stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; paint-order: stroke }
.axis { stroke: #d1d9e0 }
.curve { stroke: #0969da; stroke-width: 2; fill: none }
.tear { fill: #ffffff }
.wave { stroke: #818b98; fill: none }
.badge.pass { fill: #1a7f37 }
.badge.fail { fill: #cf222e }
text.on-badge { fill: #ffffff; font-weight: 700 }
.faults { fill: #ffebe9; stroke: #ff8182 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.page { fill: #0d1117 }
.dim { fill: #9198a1 }
.held { fill: #c3cad1 }
.rule { stroke: #1c2129 }
.line { stroke: #3d444d }
.bar { stroke: #656c76; fill: #151b23 }
.established { fill: #0c2d4a; stroke: #1f6feb }
.fin_wait1, .closing { fill: #3a2c05; stroke: #9e6a03 }
.fin_wait2 { fill: #4b3608; stroke: #d29922 }
.time_wait { fill: #262c36; stroke: #656c76 }
.close_wait { fill: #4a1416; stroke: #f85149 }
.last_ack { fill: #42162e; stroke: #db61a2 }
.end { stroke: #9198a1 }
.strip { stroke: none }
.process { fill: #e6edf3 }
.orphan { fill: #f85149 }
.minisock { fill: #0d1117; stroke: #9198a1 }
.queue { fill: #a371f7 }
.plain.shaft, .tick { stroke: #656c76 }
.plain.head { fill: #656c76 }
.plain.label { fill: #9198a1 }
.data.shaft, .fin.shaft { stroke: #e6edf3 }
.data.head, .fin.head { fill: #e6edf3 }
.reset.shaft, .failed.tick { stroke: #ff7b72 }
.reset.head { fill: #ff7b72 }
text.reset, text.failed, text.fail { fill: #ff7b72 }
text.signal { fill: #d2a8ff }
.signal.tick { stroke: #a371f7 }
.halo, .label { stroke: #0d1117 }
.axis { stroke: #3d444d }
.curve { stroke: #4493f8 }
.tear { fill: #0d1117 }
.wave { stroke: #656c76 }
.badge.pass { fill: #238636 }
.badge.fail { fill: #da3633 }
.faults { fill: #2d1315; stroke: #8e1519 }
}
)css";

}  // namespace halfclosed::scenarios
