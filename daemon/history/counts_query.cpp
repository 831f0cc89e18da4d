#include <algorithm>

#include "history/history_query.h"
#include "history/state_names.h"

namespace halfclosed::history {

// What was counted.

namespace {

void read_states(const Connection& connection, std::int64_t id, CountSample& sample) {
    Statement rows = connection.prepare(
        "SELECT state, custody, sockets, oldest_ns FROM state_counts WHERE sample = ?");
    rows.with(id);
    while (rows.step()) {
        if (const auto state = state_named(rows.text(0))) {
            sample.states.push_back({*state, custody_named(rows.text(1)),
                                     static_cast<std::uint64_t>(rows.integer(2)),
                                     Duration{rows.integer(3)}});
        }
    }
}

void read_owners(const Connection& connection, std::int64_t id, CountSample& sample) {
    Statement rows = connection.prepare(
        "SELECT owner, half_closed, leaked, dead FROM owner_counts WHERE sample = ?");
    rows.with(id);
    while (rows.step()) {
        sample.owners.push_back({rows.text(0), static_cast<std::uint64_t>(rows.integer(1)),
                                 static_cast<std::uint64_t>(rows.integer(2)),
                                 static_cast<std::uint64_t>(rows.integer(3))});
    }
}

void read_steps(const Connection& connection, std::int64_t id, CountSample& sample) {
    Statement rows =
        connection.prepare("SELECT from_state, to_state, steps FROM step_counts WHERE sample = ?");
    rows.with(id);
    while (rows.step()) {
        const auto from = state_named(rows.text(0));
        const auto to = state_named(rows.text(1));
        if (from && to) {
            sample.steps.push_back({{*from, *to}, static_cast<std::uint64_t>(rows.integer(2))});
        }
    }
}

CountSample read_sample(const Connection& connection, std::int64_t id) {
    CountSample sample;
    read_states(connection, id, sample);
    read_owners(connection, id, sample);
    read_steps(connection, id, sample);
    return sample;
}

}  // namespace

std::vector<ObservedSpan> observed_spans(const Connection& connection, WallTime from, WallTime to) {
    std::vector<ObservedSpan> spans;
    Statement rows = connection.prepare(
        "SELECT boot, from_ms, from_ns, to_ms, to_ns FROM observed "
        "WHERE to_ms >= ? AND from_ms <= ? ORDER BY from_ms");
    rows.with(milliseconds(from), milliseconds(to));
    while (rows.step()) {
        spans.push_back({rows.integer(0), moment(rows.integer(1), rows.integer(2)),
                         moment(rows.integer(3), rows.integer(4))});
    }
    return spans;
}

std::string clock_of(const Connection& connection, std::int64_t boot) {
    Statement row = connection.prepare("SELECT clock FROM boots WHERE id = ?");
    row.with(boot).step();
    return row.text(0);
}

std::optional<std::pair<WallTime, CountSample>> counts_at(const Connection& connection,
                                                          WallTime time) {
    const std::vector<ObservedSpan> spans = observed_spans(connection, time, time);
    if (spans.empty()) {
        return std::nullopt;
    }
    Statement row = connection.prepare(
        "SELECT id, time_ms FROM samples WHERE time_ms <= ? AND boot = ? "
        "ORDER BY time_ms DESC LIMIT 1");
    if (!row.with(milliseconds(time), spans.back().boot).step()) {
        return std::nullopt;
    }
    return std::pair{wall_time(row.integer(1)), read_sample(connection, row.integer(0))};
}

std::vector<std::pair<WallTime, CountSample>> counts_between(const Connection& connection,
                                                             WallTime from, WallTime to,
                                                             std::size_t most) {
    std::vector<std::pair<std::int64_t, WallTime>> ids;
    Statement rows = connection.prepare(
        "SELECT id, time_ms FROM samples WHERE time_ms BETWEEN ? AND ? ORDER BY time_ms");
    rows.with(milliseconds(from), milliseconds(to));
    while (rows.step()) {
        ids.emplace_back(rows.integer(0), wall_time(rows.integer(1)));
    }
    const std::size_t every = std::max<std::size_t>(1, (ids.size() + most - 1) / most);
    std::vector<std::pair<WallTime, CountSample>> samples;
    for (std::size_t i = 0; i < ids.size(); i += every) {
        // The last of each group, so that the present is among them.
        const std::size_t last = std::min(i + every, ids.size()) - 1;
        samples.emplace_back(ids[last].second, read_sample(connection, ids[last].first));
    }
    return samples;
}

}  // namespace halfclosed::history
