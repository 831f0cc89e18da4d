#include "scenarios/packetdrill/result_json.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tracking/cause.h"
#include "tracking/custody.h"

namespace halfclosed::scenarios::packetdrill {

namespace {

using Json = nlohmann::ordered_json;

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
auto named(const Values& values, const Json& text) {
    for (const auto value : values) {
        if (name(value) == text.get<std::string>()) {
            return value;
        }
    }
    throw std::runtime_error("not a result of a script: \"" + text.get<std::string>() + '"');
}

Seen parse_seen(const Json& json) {
    Seen seen;
    for (std::uint8_t number = 1; number <= kLastState; ++number) {
        if (name(static_cast<TcpState>(number)) == json.at("state").get<std::string>()) {
            seen.state = static_cast<TcpState>(number);
        }
    }
    if (!json.at("custody").is_null()) {
        seen.custody = named(tracking::kCustodies, json.at("custody"));
    }
    if (!json.at("cause").is_null()) {
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

Step parse_step(const Json& json) {
    return {json.at("line").get<std::size_t>(),
            json.at("event").get<std::string>(),
            parse_seen(json.at("before")),
            parse_seen(json.at("after")),
            json.at("answers").get<std::vector<std::string>>(),
            json.at("judged").get<bool>(),
            json.at("passed").get<bool>()};
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
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result parse_result(const std::string& text) {
    try {
        const Json json = Json::parse(text);
        Result result;
        result.file = json.at("file").get<std::string>();
        result.outcome = named(kOutcomes, json.at("result"));
        result.line = json.at("line").is_null() ? 0 : json.at("line").get<std::size_t>();
        result.why = json.at("why").is_null() ? "" : json.at("why").get<std::string>();
        result.notes = json.at("notes").get<std::vector<std::string>>();
        for (const Json& step : json.at("steps")) {
            result.steps.push_back(parse_step(step));
        }
        result.took = std::chrono::duration_cast<Duration>(
            std::chrono::duration<double>(json.at("took").get<double>()));
        return result;
    } catch (const nlohmann::json::exception& error) {
        throw std::runtime_error(std::string("not a result of a script: ") + error.what());
    }
}

}  // namespace halfclosed::scenarios::packetdrill
