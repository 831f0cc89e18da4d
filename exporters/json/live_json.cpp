#include "exporters/json/live_json.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "exporters/snapshot/freshness.h"
#include "exporters/snapshot/leaks.h"
#include "exporters/snapshot/namespace_text.h"
#include "exporters/snapshot/owner_leaks.h"
#include "exporters/snapshot/owner_rows.h"
#include "exporters/snapshot/summary.h"
#include "text/json.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::exporters {

namespace {

using text::Json;

/// How often the page may ask: polls that are rarer bring no more.
constexpr std::chrono::seconds kShortestPoll{2};
constexpr std::chrono::seconds kLongestPoll{10};
/// So many may ask as often as that, twice as many half as often, and more a quarter as often: a connection is kept for as
/// long as that (ConnectionPolicy::Limits::next_request), and to make a new one is dearer than to ask.
constexpr std::size_t kViewers = 25;

const CollectorHealth* collector(const Snapshot& snapshot, const std::string& name) {
    const auto found = std::find_if(snapshot.collectors.begin(), snapshot.collectors.end(),
                                    [&name](const auto& each) { return each.name == name; });
    return found == snapshot.collectors.end() ? nullptr : &*found;
}

Json blind_json(const Snapshot& snapshot, Instant now) {
    const std::string why = blindness(&snapshot, now);
    if (why.empty()) {
        return nullptr;
    }
    const CollectorHealth* const closing = collector(snapshot, "closing");
    return {{"since", closing != nullptr && closing->last_success
                          ? Json(text::rfc3339(*closing->last_success))
                          : Json(nullptr)},
            {"why", why}};
}

/// What one pass over the sockets says of a state.
struct StateAges {
    std::uint64_t leaked = 0;
    std::optional<Duration> oldest;
    std::optional<Duration> expires;
};

std::map<TcpState, StateAges> state_ages(const Snapshot& snapshot) {
    std::map<TcpState, StateAges> ages;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        StateAges& state = ages[socket.record.state];
        state.leaked += is_leaked(socket, snapshot) ? 1 : 0;
        state.oldest =
            std::max(state.oldest.value_or(Duration{0}), socket.age(snapshot.instant).value);
        if (socket.record.state == TcpState::fin_wait2 &&
            socket.custody == tracking::Custody::timewait) {
            state.expires =
                std::max(state.expires.value_or(Duration{0}), deadline(socket) - snapshot.instant);
        }
    }
    return ages;
}

Json state_json(const Snapshot& snapshot, TcpState state, const StateAges& ages) {
    const bool half_closed = kHalfClosedStates.contains(state);
    if (half_closed ? !snapshot.closing : !snapshot.census) {
        return nullptr;
    }
    const tracking::SocketCounts& counts =
        half_closed ? *snapshot.closing : snapshot.census->socket_counts;
    std::uint64_t sockets = 0;
    Json custodies = Json::object();
    std::map<tracking::Side, std::uint64_t> sides;
    for (const tracking::Custody custody : tracking::kCustodies) {
        std::uint64_t held = 0;
        for (std::size_t label = 0; label < snapshot.port_labels.size(); ++label) {
            for (const tracking::Side side : tracking::kSides) {
                const std::uint64_t count = counts.count(label, side, state, custody);
                held += count;
                sides[side] += count;
            }
        }
        if (held > 0) {
            custodies.add(name(custody), held);
            sockets += held;
        }
    }
    return {{"sockets", sockets},
            {"custody", std::move(custodies)},
            {"server", sides[tracking::Side::server]},
            {"client", sides[tracking::Side::client]},
            {"leaked", ages.leaked},
            {"oldest_seconds", ages.oldest ? Json(text::seconds(*ages.oldest)) : Json(nullptr)},
            {"expires_seconds", ages.expires ? Json(text::seconds(*ages.expires)) : Json(nullptr)}};
}

Json states_json(const Snapshot& snapshot) {
    std::map<TcpState, StateAges> ages = state_ages(snapshot);
    Json states;
    for (const TcpState state :
         {TcpState::listen, TcpState::syn_sent, TcpState::syn_recv, TcpState::established,
          TcpState::fin_wait1, TcpState::fin_wait2, TcpState::closing, TcpState::time_wait,
          TcpState::close_wait, TcpState::last_ack}) {
        states.add(name(state), state_json(snapshot, state, ages[state]));
    }
    return states;
}

Json steps_json(const tracking::EventCounters& counters) {
    std::map<std::pair<TcpState, TcpState>, std::uint64_t> totals;
    for (const auto& [key, count] : counters.transitions) {
        const auto& [label, side, from, to, evidence] = key;
        totals[{from, to}] += count;
    }
    Json steps = Json::array();
    for (const auto& [edge, total] : totals) {
        if (total > 0) {
            steps.push_back(
                {{"from", name(edge.first)}, {"to", name(edge.second)}, {"total", total}});
        }
    }
    return steps;
}

template <typename Counts>
Json ended_json(const Counts& counts) {
    std::map<std::string, std::uint64_t> totals;
    for (const auto& [key, count] : counts) {
        totals[name(std::get<2>(key))] += count;
    }
    Json ended = Json::object();
    for (const auto& [how, total] : totals) {
        ended.add(how, total);
    }
    return ended;
}

Json descriptors_json(const std::optional<DescriptorUse>& use) {
    return use ? Json{{"used", use->used}, {"limit", use->limit}} : Json(nullptr);
}

Json owners_json(const Snapshot& snapshot, const std::vector<OwnerLeaks>& leaks) {
    Json owners = Json::array();
    std::vector<OwnerRow> rows = owner_rows(snapshot, leaks);
    rows.resize(std::min(rows.size(), kMostLiveOwners));
    for (const OwnerRow& row : rows) {
        Json causes = Json::object();
        for (const auto& [cause, count] : row.causes) {
            causes.add(name(cause), count);
        }
        owners.push_back(
            {{"name", text::printable(row.name)},
             {"half_closed", row.half_closed},
             {"leaked", row.leaked},
             {"dead", row.dead},
             {"causes", std::move(causes)},
             {"oldest_seconds",
              row.oldest ? Json(text::seconds(row.oldest->value)) : Json(nullptr)},
             {"oldest", row.oldest ? Json(name(row.oldest->kind)) : Json(nullptr)},
             {"oldest_at_most_seconds", row.oldest && row.oldest->at_most
                                            ? Json(text::seconds(*row.oldest->at_most))
                                            : Json(nullptr)},
             {"growth_per_hour", row.growth_per_hour ? Json(*row.growth_per_hour) : Json(nullptr)},
             {"descriptors", descriptors_json(row.descriptors)},
             {"left_seconds",
              row.time_left ? Json(text::seconds(*row.time_left)) : Json(nullptr)}});
    }
    return owners;
}

/// The owner to look at first, in a sentence.
Json worst_json(const std::vector<OwnerLeaks>& owners) {
    return owners.empty() ? Json(nullptr)
                          : Json{{"text", leak_sentence(owners.front(), false)},
                                 {"runbook", runbook_section(owners.front())}};
}

Json collectors_json(const Snapshot& snapshot, bool fresh) {
    Json collectors = Json::array();
    for (const CollectorHealth& each : snapshot.collectors) {
        collectors.push_back({{"name", text::printable(each.name)},
                              {"allowed", each.allowed},
                              {"success", each.success && fresh},
                              {"duration_seconds", text::seconds(each.duration)},
                              {"interval_seconds", text::seconds(each.interval)},
                              {"wanted_interval_seconds", text::seconds(each.wanted_interval)}});
    }
    return collectors;
}

Json reconciliation_json(const Snapshot& snapshot) {
    if (!snapshot.census || !snapshot.census->reconciliation) {
        return nullptr;
    }
    Json counts = Json::array();
    for (const tracking::Count count : tracking::kCounts) {
        const tracking::Reconciled& reconciled = (*snapshot.census->reconciliation)[count];
        counts.push_back({{"name", name(count)},
                          {"counted", reconciled.counted},
                          {"kernel", reconciled.kernel},
                          {"elsewhere", reconciled.elsewhere},
                          {"agrees", reconciled.agrees}});
    }
    return counts;
}

}  // namespace

std::string live_json(const Snapshot& snapshot, Instant now, std::size_t viewers) {
    const bool fresh = snapshot.fresh(now);
    Json json;
    json.add("schema", "halfclosed.live/1");
    json.add("time", text::rfc3339(snapshot.time));
    json.add("host", text::printable(snapshot.host));
    json.add("version", snapshot.build.version);
    json.add("poll_seconds", text::seconds(live_pause(snapshot, viewers)));
    json.add("blind", blind_json(snapshot, now));
    const std::string others = beside_the_summary(snapshot);
    json.add("summary",
             text::printable(summary_sentence(snapshot) + (others.empty() ? "" : " " + others)));
    const std::vector<OwnerLeaks> leaks =
        snapshot.closing ? owner_leaks(snapshot) : std::vector<OwnerLeaks>{};
    json.add("worst", fresh && snapshot.closing ? worst_json(leaks) : Json(nullptr));
    json.add("unaccounted", text::printable(unaccounted_sentence(snapshot)));
    json.add("ports", snapshot.port_labels);
    json.add("every_port", snapshot.every_port);
    json.add("leak_after_seconds", text::seconds(snapshot.leak_after));
    json.add("states", states_json(snapshot));
    json.add("dead", snapshot.closing ? Json(snapshot.dead.size()) : Json(nullptr));
    json.add("steps", steps_json(snapshot.counters));
    json.add("ended", {{"fin_wait2", ended_json(snapshot.counters.fin_wait2_ended)},
                       {"close_wait", ended_json(snapshot.counters.close_wait_ended)}});
    json.add("owners", snapshot.closing ? owners_json(snapshot, leaks) : Json(nullptr));
    json.add("collectors", collectors_json(snapshot, fresh));
    json.add("reconciliation", fresh ? reconciliation_json(snapshot) : Json(nullptr));
    return json.dump() + "\n";
}

std::chrono::nanoseconds live_pause(const Snapshot& snapshot, std::size_t viewers) {
    const CollectorHealth* const closing = collector(snapshot, "closing");
    const std::chrono::nanoseconds shortest =
        viewers <= kViewers ? kShortestPoll : kShortestPoll * (viewers <= 2 * kViewers ? 2 : 4);
    return closing == nullptr
               ? shortest
               : std::clamp<std::chrono::nanoseconds>(closing->interval, shortest, kLongestPoll);
}

}  // namespace halfclosed::exporters
