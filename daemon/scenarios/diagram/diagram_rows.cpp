#include "scenarios/diagram/diagram_rows.h"

#include <algorithm>

namespace halfclosed::scenarios {

namespace {

using Kind = DiagramEvent::Kind;

/// Events this close together share a row, if its lanes are free.
constexpr Duration kSameRow = std::chrono::microseconds{200};

enum class Lane { wire, beside, state, counts };

Lane lane_of(const DiagramEvent& it) {
    if (is_on_wire(it)) {
        return Lane::wire;
    }
    if (it.kind == Kind::counts) {
        return Lane::counts;
    }
    return it.kind == Kind::state ? Lane::state : Lane::beside;
}

bool fits(const DiagramRow& row, const DiagramEvent& event) {
    const Lane lane = lane_of(event);
    const bool of_a_side = lane == Lane::beside || lane == Lane::state;
    return event.at - row.at <= kSameRow &&
           std::none_of(row.events.begin(), row.events.end(), [&](const DiagramEvent& there) {
               const bool same_lane =
                   lane_of(there) == lane && (!of_a_side || there.side == event.side);
               return same_lane || (lane == Lane::wire && there.kind != Kind::counts);
           });
}

}  // namespace

std::vector<DiagramRow> diagram_rows(const Trace& trace) {
    std::vector<DiagramRow> rows;
    for (const DiagramEvent& event : diagram_events(trace)) {
        if (rows.empty() || !fits(rows.back(), event)) {
            const Duration wait = rows.empty() ? Duration{0} : event.at - rows.back().at;
            rows.push_back({event.at, wait, {}});
        }
        rows.back().events.push_back(event);
    }
    return rows;
}

}  // namespace halfclosed::scenarios
