#include "scenarios/diagram/svg_layout.h"

#include <algorithm>
#include <cmath>

namespace halfclosed::scenarios {

namespace {

using Kind = DiagramEvent::Kind;

/// Room beyond that of a row: some for milliseconds, more for seconds, never in proportion.
double room_for(Duration wait) {
    constexpr double kForTenfold = 10;
    const double milliseconds = std::chrono::duration<double, std::milli>(wait).count();
    return milliseconds <= 1 ? 0 : kForTenfold * std::log10(milliseconds);
}

}  // namespace

SvgLayout::SvgLayout(const Trace& trace, double top) : bottom_(top) {
    for (const DiagramRow& row : diagram_rows(trace)) {
        place(row);
    }
    if (rows_.empty()) {
        return;
    }
    if (trace.finished && *trace.finished - rows_.back().at >= kLongWait) {
        place({*trace.finished, *trace.finished - rows_.back().at, {}});
    }
    bottom_ = rows_.back().y + kRow + kSlant;
}

void SvgLayout::place(const DiagramRow& row) {
    constexpr double kForBreak = 38;
    constexpr double kAboveNext = 28;
    double y = bottom_;
    if (!rows_.empty()) {
        y = rows_.back().y + kRow + room_for(row.wait);
        if (row.wait >= kLongWait) {
            y += kForBreak;
            breaks_.push_back({y - kAboveNext, row.wait});
        }
    }
    rows_.push_back({row, y});
}

double SvgLayout::beginning(const SvgRow& row, const DiagramEvent& state) const {
    const bool received =
        std::any_of(row.events.begin(), row.events.end(), [&state](const DiagramEvent& it) {
            return it.kind == Kind::packet && it.side != state.side && it.at == state.at;
        });
    return row.y + (received ? kSlant : 0);
}

double SvgLayout::height_of(Instant at) const {
    for (std::size_t index = 0; index < rows_.size(); ++index) {
        if (rows_[index].at < at) {
            continue;
        }
        if (index == 0 || rows_[index].at == at) {
            return rows_[index].y;
        }
        const SvgRow& before = rows_[index - 1];
        const std::chrono::duration<double> whole = rows_[index].at - before.at;
        const std::chrono::duration<double> part = at - before.at;
        return before.y + (rows_[index].y - before.y) * (part / whole);
    }
    return bottom_;
}

}  // namespace halfclosed::scenarios
