#include "scenarios/story_json.h"

#include <nlohmann/json.hpp>

#include "scenarios/passages.h"

namespace halfclosed::scenarios {

namespace {

using Json = nlohmann::ordered_json;

Json states(const Story& story, Side side) {
    Json states = Json::array();
    for (const Passage& passage : passages(story, side)) {
        states.push_back(name(passage.state));
    }
    return states;
}

Json packets(const Story& story) {
    Json packets = Json::array();
    for (const Packet& packet : story.packets) {
        const std::chrono::duration<double> time = packet.at - beginning(story);
        packets.push_back({{"time", time.count()},
                           {"from", name(packet.from)},
                           {"flags", packet.flags},
                           {"length", packet.length}});
    }
    return packets;
}

Json calls(const Story& story) {
    Json calls = Json::array();
    for (const MadeCall& made : story.calls) {
        const int error = made.call.error;
        calls.push_back({{"who", name(made.who)},
                         {"call", made.call.name},
                         {"result", made.call.result},
                         {"errno", error == 0 ? Json() : Json(programs::errno_name(error))}});
    }
    return calls;
}

Json kernel_events(const Story& story) {
    Json events = Json::object();
    if (story.events) {
        for (const auto& [event, moved] : story.events->events) {
            if (moved != 0) {
                events[event] = moved;
            }
        }
    }
    return events;
}

/// Programs may say any bytes: what is not UTF-8 is replaced.
std::string line(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string scenario_json(const Scenario& scenario, const Story& story, const Verdict& verdict,
                          std::chrono::seconds fin_timeout) {
    return line(Json{{"schema", "halfclosed.scenario/1"},
                     {"scenario", scenario.name},
                     {"result", verdict.passed() ? "pass" : "fail"},
                     {"fin_timeout_seconds", fin_timeout.count()},
                     {"server", states(story, Side::server)},
                     {"client", states(story, Side::client)},
                     {"packets", packets(story)},
                     {"calls", calls(story)},
                     {"kernel_events", kernel_events(story)},
                     {"why", verdict.passed() ? Json() : Json(verdict.why())}});
}

std::string listing_json(const Scenario& scenario) {
    return line(Json{{"schema", "halfclosed.scenario-list/1"},
                     {"scenario", scenario.name},
                     {"summary", scenario.summary},
                     {"explanation", scenario.explanation},
                     {"governed_by", scenario.governed_by}});
}

}  // namespace halfclosed::scenarios
