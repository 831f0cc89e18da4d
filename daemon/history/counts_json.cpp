#include "history/counts_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::history {

namespace {

using Json = nlohmann::ordered_json;

Json sample_json(WallTime time, const CountSample& sample) {
    Json states = Json::array();
    for (const CountSample::State& state : sample.states) {
        states.push_back({name(state.state), name(state.custody), state.sockets,
                          std::chrono::duration<double>(state.oldest).count()});
    }
    Json owners = Json::array();
    for (const CountSample::OwnerCount& owner : sample.owners) {
        owners.push_back(
            {text::printable(owner.name), owner.half_closed, owner.leaked, owner.dead});
    }
    Json steps = Json::array();
    for (const CountSample::Step& step : sample.steps) {
        steps.push_back({name(step.edge.from), name(step.edge.to), step.count});
    }
    return {{"t", milliseconds(time)},
            {"states", std::move(states)},
            {"owners", std::move(owners)},
            {"steps", std::move(steps)}};
}

}  // namespace

std::string counts_json(const Connection& connection, WallTime from, WallTime to,
                        std::size_t most) {
    Json json;
    json["schema"] = "halfclosed.counts/1";
    json["observed"] = Json::array();
    const std::vector<ObservedSpan> spans = observed_spans(connection, from, to);
    for (const ObservedSpan& span : spans) {
        json["observed"].push_back(
            {text::rfc3339(span.from.time), text::rfc3339(std::min(span.to.time, to))});
    }
    if (!spans.empty()) {
        from = std::max(from, spans.front().from.time);
    }
    json["from"] = text::rfc3339(from);
    json["to"] = text::rfc3339(to);
    json["samples"] = Json::array();
    for (const auto& [time, sample] : counts_between(connection, from, to, most)) {
        json["samples"].push_back(sample_json(time, sample));
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace halfclosed::history
