#include "history/counts_json.h"

#include <algorithm>

#include "text/json.h"
#include "text/time.h"
#include "text/utf8.h"

namespace halfclosed::history {

namespace {

using text::Json;

Json sample_json(WallTime time, const CountSample& sample) {
    Json states = Json::array();
    for (const CountSample::State& state : sample.states) {
        states.push_back(Json::array({name(state.state), name(state.custody), state.sockets,
                                      std::chrono::duration<double>(state.oldest).count()}));
    }
    Json owners = Json::array();
    for (const CountSample::OwnerCount& owner : sample.owners) {
        owners.push_back(Json::array(
            {text::printable(owner.name), owner.half_closed, owner.leaked, owner.dead}));
    }
    Json steps = Json::array();
    for (const CountSample::Step& step : sample.steps) {
        steps.push_back(Json::array({name(step.edge.from), name(step.edge.to), step.count}));
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
    json.add("schema", "halfclosed.counts/1");
    const std::vector<ObservedSpan> spans = observed_spans(connection, from, to);
    Json observed = Json::array();
    for (const ObservedSpan& span : spans) {
        observed.push_back(Json::array(
            {text::rfc3339(span.from.time), text::rfc3339(std::min(span.to.time, to))}));
    }
    json.add("observed", observed);
    if (!spans.empty()) {
        from = std::max(from, spans.front().from.time);
    }
    json.add("from", text::rfc3339(from));
    json.add("to", text::rfc3339(to));
    Json samples = Json::array();
    for (const auto& [time, sample] : counts_between(connection, from, to, most)) {
        samples.push_back(sample_json(time, sample));
    }
    json.add("samples", samples);
    return json.dump() + "\n";
}

}  // namespace halfclosed::history
