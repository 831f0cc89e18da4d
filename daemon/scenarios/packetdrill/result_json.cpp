#include "scenarios/packetdrill/result_json.h"

#include <stdexcept>

#include "text/json.h"
#include "text/json_value.h"
#include "tracking/cause.h"
#include "tracking/custody.h"

namespace halfclosed::scenarios::packetdrill {

namespace {

using text::Json;
using text::JsonValue;

constexpr const char* kSchema = "halfclosed.packetdrill/1";
constexpr Outcome kOutcomes[] = {Outcome::passed, Outcome::failed, Outcome::not_supported};
/// What the kernel numbers 1 to 13 (records/tcp_state.h).
constexpr std::uint8_t kLastState = 13;

Json seen_json(const Seen& seen) {
    return {{"state", name(seen.state)},
            {"custody", seen.custody ? Json(name(*seen.custody)) : Json()},
            {"cause", seen.cause ? Json(name(*seen.cause)) : Json()}};
}

/// The value with this name.
template <typename Values>
auto named(const Values& values, const JsonValue& value) {
    for (const auto each : values) {
        if (name(each) == value.text()) {
            return each;
        }
    }
    throw std::runtime_error("not a result of a script: \"" + value.text() + '"');
}

std::vector<std::string> texts(const JsonValue& list) {
    std::vector<std::string> texts;
    for (const JsonValue& item : list.items()) {
        texts.push_back(item.text());
    }
    return texts;
}

Seen parse_seen(const JsonValue& json) {
    Seen seen;
    for (std::uint8_t number = 1; number <= kLastState; ++number) {
        if (name(static_cast<TcpState>(number)) == json.at("state").text()) {
            seen.state = static_cast<TcpState>(number);
        }
    }
    if (!json.at("custody").is(JsonValue::Kind::null)) {
        seen.custody = named(tracking::kCustodies, json.at("custody"));
    }
    if (!json.at("cause").is(JsonValue::Kind::null)) {
        seen.cause = named(tracking::kCauses, json.at("cause"));
    }
    return seen;
}

Json step_json(const Step& step) {
    return {{"line", step.line},
            {"event", step.event},
            {"before", seen_json(step.before)},
            {"after", seen_json(step.after)},
            {"answers", step.answers},
            {"judged", step.judged},
            {"passed", step.passed}};
}

Step parse_step(const JsonValue& json) {
    return {json.at("line").whole<std::size_t>(),
            json.at("event").text(),
            parse_seen(json.at("before")),
            parse_seen(json.at("after")),
            texts(json.at("answers")),
            json.at("judged").boolean(),
            json.at("passed").boolean()};
}

}  // namespace

std::string to_json(const Result& result) {
    Json steps = Json::array();
    for (const Step& step : result.steps) {
        steps.push_back(step_json(step));
    }
    const Json json{{"schema", kSchema},
                    {"file", result.file},
                    {"result", name(result.outcome)},
                    {"line", result.line == 0 ? Json() : Json(result.line)},
                    {"why", result.outcome == Outcome::passed ? Json() : Json(result.why)},
                    {"notes", result.notes},
                    {"steps", steps},
                    {"took", std::chrono::duration<double>(result.took).count()}};
    return json.dump();
}

Result parse_result(const std::string& text) {
    try {
        const JsonValue json = text::parse_json(text);
        Result result;
        result.file = json.at("file").text();
        result.outcome = named(kOutcomes, json.at("result"));
        result.line =
            json.at("line").is(JsonValue::Kind::null) ? 0 : json.at("line").whole<std::size_t>();
        result.why = json.at("why").is(JsonValue::Kind::null) ? "" : json.at("why").text();
        result.notes = texts(json.at("notes"));
        for (const JsonValue& step : json.at("steps").items()) {
            result.steps.push_back(parse_step(step));
        }
        result.took = std::chrono::duration_cast<Duration>(
            std::chrono::duration<double>(json.at("took").number()));
        return result;
    } catch (const text::JsonError& error) {
        throw std::runtime_error(std::string("not a result of a script: ") + error.what());
    }
}

}  // namespace halfclosed::scenarios::packetdrill
