#include "scenarios/diagram/svg_layout.h"

#include <algorithm>
#include <cmath>

namespace halfclosed::scenarios {

namespace {

using Kind = DiagramEvent::Kind;

/// What happens this close together shares a row, where its lanes are free.
constexpr Duration kSameRow = std::chrono::microseconds{200};

bool is_beside(const DiagramEvent& it) {
    return it.kind == Kind::call || it.kind == Kind::calls || it.kind == Kind::signal;
}

bool same_lane(const DiagramEvent& left, const DiagramEvent& right) {
    if (is_on_wire(left) || left.kind == Kind::counts) {
        return is_on_wire(left) ? is_on_wire(right) : left.kind == right.kind;
    }
    const bool same_kind = left.kind == right.kind || (is_beside(left) && is_beside(right));
    return same_kind && left.side == right.side;
}

/// A segment has what it does beside it or below, what came before it above.
bool fits(const PictureRow& row, const DiagramEvent& event) {
    if (event.at - row.at > kSameRow) {
        return false;
    }
    return std::none_of(row.events.begin(), row.events.end(), [&](const DiagramEvent& there) {
        return same_lane(there, event) || (is_on_wire(event) && there.kind != Kind::counts);
    });
}

/// Room beyond that of a row: some for milliseconds, more for seconds, never in proportion.
double room_for(Duration wait) {
    constexpr double kForTenfold = 10;
    const double milliseconds = std::chrono::duration<double, std::milli>(wait).count();
    return milliseconds <= 1 ? 0 : kForTenfold * std::log10(milliseconds);
}

}  // namespace

PictureLayout::PictureLayout(const Trace& trace, double top) : bottom_(top) {
    for (const DiagramEvent& event : events(trace)) {
        place(event);
    }
    if (rows_.empty()) {
        return;
    }
    if (trace.finished && *trace.finished - rows_.back().at >= kWait) {
        start_row(*trace.finished);
    }
    bottom_ = rows_.back().y + kRow + kSlant;
}

void PictureLayout::place(const DiagramEvent& event) {
    if (rows_.empty() || !fits(rows_.back(), event)) {
        start_row(event.at);
    }
    rows_.back().events.push_back(event);
}

void PictureLayout::start_row(Instant at) {
    constexpr double kForBreak = 38;
    constexpr double kAboveNext = 28;
    double y = bottom_;
    if (!rows_.empty()) {
        const Duration wait = at - rows_.back().at;
        y = rows_.back().y + kRow + room_for(wait);
        if (wait >= kWait) {
            y += kForBreak;
            breaks_.push_back({y - kAboveNext, wait});
        }
    }
    rows_.push_back({at, y, {}});
}

double PictureLayout::beginning(const PictureRow& row, const DiagramEvent& state) const {
    const bool received =
        std::any_of(row.events.begin(), row.events.end(), [&state](const DiagramEvent& it) {
            return it.kind == Kind::packet && it.side != state.side && it.at == state.at;
        });
    return row.y + (received ? kSlant : 0);
}

double PictureLayout::height_of(Instant at) const {
    for (std::size_t index = 0; index < rows_.size(); ++index) {
        if (rows_[index].at < at) {
            continue;
        }
        if (index == 0 || rows_[index].at == at) {
            return rows_[index].y;
        }
        const PictureRow& before = rows_[index - 1];
        const std::chrono::duration<double> whole = rows_[index].at - before.at;
        const std::chrono::duration<double> part = at - before.at;
        return before.y + (rows_[index].y - before.y) * (part / whole);
    }
    return bottom_;
}

}  // namespace halfclosed::scenarios
