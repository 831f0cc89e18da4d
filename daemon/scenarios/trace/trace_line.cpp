#include "scenarios/trace/trace_line.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "scenarios/definition/expectation_text.h"
#include "scenarios/programs/signal_name.h"
#include "text/hex.h"

namespace halfclosed::scenarios {

namespace {

using nlohmann::json;

// Each fact is written with the same names as its fields; "fact" says which it is.

json encode(Instant instant) {
    return instant.time_since_epoch().count();
}

/// A whole number that fits. json's own conversion takes fractions and lets what is too large overflow.
template <typename Number>
Number decode_number(const json& value) {
    const bool fits =
        value.is_number_unsigned()
            ? std::in_range<Number>(value.get<std::uint64_t>())
            : value.is_number_integer() && std::in_range<Number>(value.get<std::int64_t>());
    if (!fits) {
        throw FactLineError(value.dump() + " is no whole number, or too large a one");
    }
    return value.get<Number>();
}

/// No time since boot, nor since 1970, is before 0 or past a century and a half: what is computed from two of them does
/// not overflow.
std::chrono::nanoseconds decode_time(const json& value) {
    constexpr std::chrono::hours kLatest{24 * 366 * 140};
    const std::chrono::nanoseconds time{decode_number<std::int64_t>(value)};
    if (time < std::chrono::nanoseconds{0} || time > kLatest) {
        throw FactLineError(std::to_string(time.count()) + " ns are no time of a clock");
    }
    return time;
}

Instant decode_instant(const json& value) {
    return Instant{decode_time(value)};
}

json encode(Side side) {
    return name(side);
}

json encode(TcpState state) {
    return name(state);
}

json encode(tracking::Custody custody) {
    return name(custody);
}

json encode_signal(int number) {
    return programs::signal_name(number);
}

/// What `parse` makes of a word. Throws FactLineError where that is nothing.
template <typename Parse>
auto decode_word(const json& value, Parse parse) {
    const std::string word = value;
    const auto thing = parse(word);
    if (!thing) {
        throw FactLineError("unknown word " + word);
    }
    return *thing;
}

Side decode_side(const json& value) {
    return decode_word(value, parse_side);
}

TcpState decode_state(const json& value) {
    return decode_word(value, parse_state);
}

tracking::Custody decode_custody(const json& value) {
    return decode_word(value, [](const std::string& word) {
        const auto* const found =
            std::find_if(std::begin(tracking::kCustodies), std::end(tracking::kCustodies),
                         [&word](tracking::Custody custody) { return word == name(custody); });
        return found == std::end(tracking::kCustodies) ? std::nullopt : std::optional(*found);
    });
}

int decode_signal(const json& value) {
    return decode_word(value, programs::signal_number);
}

json encode(const Frame& frame) {
    return {{"stamped", frame.stamped.count()},
            {"length", frame.length},
            {"bytes", text::to_hex(frame.bytes)}};
}

Frame decode_frame(const json& value) {
    const std::string digits = value.at("bytes");
    auto bytes = text::parse_hex(digits);
    const auto length = decode_number<std::uint32_t>(value.at("length"));
    if (!bytes || bytes->size() > length) {
        throw FactLineError("a frame of " + std::to_string(length) + " bytes with " + digits);
    }
    return {decode_time(value.at("stamped")), length, std::move(*bytes)};
}

std::map<std::string, std::uint64_t> decode_events(const json& value) {
    std::map<std::string, std::uint64_t> events;
    for (const auto& [event, moved] : value.get<json::object_t>()) {
        events[event] = decode_number<std::uint64_t>(moved);
    }
    return events;
}

struct Encoder {
    json operator()(const StateObservation& it) const {
        return {{"fact", "sighting"},
                {"side", encode(it.side)},
                {"state", encode(it.state)},
                {"custody", it.custody ? encode(*it.custody) : json()},
                {"not_before", encode(it.not_before)},
                {"seen", encode(it.seen)}};
    }
    json operator()(const MadeCall& it) const {
        return {{"fact", "call"},
                {"who", encode(it.who)},
                {"name", it.call.name},
                {"result", it.call.result},
                {"error", it.call.error},
                {"began", it.call.began.count()},
                {"ended", it.call.ended.count()}};
    }
    json operator()(const SentSignal& it) const {
        return {{"fact", "signal"},
                {"to", encode(it.to)},
                {"signal", encode_signal(it.signal)},
                {"at", encode(it.at)}};
    }
    json operator()(const Ended& it) const {
        return {{"fact", "ended"},
                {"who", encode(it.who)},
                {"by_signal", it.exit.by_signal},
                {"number", it.exit.number},
                {"at", encode(it.at)}};
    }
    json operator()(const CountSample& it) const {
        return {{"fact", "gauges"},
                {"at", encode(it.at)},
                {"orphan_counted", it.orphan_counted},
                {"orphan_kernel", it.orphan_kernel},
                {"tw_counted", it.tw_counted},
                {"tw_kernel", it.tw_kernel}};
    }
    json operator()(const Packet& it) const {
        return {{"fact", "packet"},  {"at", encode(it.at)}, {"from", encode(it.from)},
                {"flags", it.flags}, {"length", it.length}, {"frame", encode(it.frame)}};
    }
    json operator()(const HowEnded& it) const {
        return {{"fact", "how_ended"},
                {"side", encode(it.side)},
                {"state", encode(it.state)},
                {"how", it.how},
                {"at", encode(it.at)}};
    }
    json operator()(const ObservationGap& it) const {
        return {{"fact", "blind"}, {"from", encode(it.from)}, {"to", encode(it.to)}};
    }
    json operator()(const CounterDeltas& it) const {
        return {{"fact", "events"}, {"events", it.events}};
    }
    json operator()(const RunError& it) const { return {{"fact", "trouble"}, {"what", it.what}}; }
    json operator()(const Refusal& it) const { return {{"fact", "refusal"}, {"what", it.what}}; }
    json operator()(const Attempt& it) const {
        return {{"fact", "attempt"}, {"scenario", it.scenario}, {"number", it.number}};
    }
    json operator()(const Finished& it) const {
        return {{"fact", "finished"}, {"at", encode(it.at)}};
    }
};

TraceEvent decode(const json& it) {
    const std::string kind = it.at("fact");
    if (kind == "sighting") {
        const json& custody = it.at("custody");
        return StateObservation{
            decode_side(it.at("side")), decode_state(it.at("state")),
            custody.is_null() ? std::nullopt : std::optional(decode_custody(custody)),
            decode_instant(it.at("not_before")), decode_instant(it.at("seen"))};
    }
    if (kind == "call") {
        return MadeCall{decode_side(it.at("who")),
                        {it.at("name"), decode_number<std::int64_t>(it.at("result")),
                         decode_number<int>(it.at("error")), decode_time(it.at("began")),
                         decode_time(it.at("ended"))}};
    }
    if (kind == "signal") {
        return SentSignal{decode_side(it.at("to")), decode_signal(it.at("signal")),
                          decode_instant(it.at("at"))};
    }
    if (kind == "ended") {
        return Ended{decode_side(it.at("who")),
                     {it.at("by_signal"), decode_number<int>(it.at("number"))},
                     decode_instant(it.at("at"))};
    }
    if (kind == "gauges") {
        return CountSample{decode_instant(it.at("at")),
                           decode_number<std::uint64_t>(it.at("orphan_counted")),
                           decode_number<std::uint64_t>(it.at("orphan_kernel")),
                           decode_number<std::uint64_t>(it.at("tw_counted")),
                           decode_number<std::uint64_t>(it.at("tw_kernel"))};
    }
    if (kind == "packet") {
        return Packet{decode_instant(it.at("at")), decode_side(it.at("from")), it.at("flags"),
                      decode_number<std::uint32_t>(it.at("length")), decode_frame(it.at("frame"))};
    }
    if (kind == "how_ended") {
        return HowEnded{decode_side(it.at("side")), decode_state(it.at("state")), it.at("how"),
                        decode_instant(it.at("at"))};
    }
    if (kind == "blind") {
        return ObservationGap{decode_instant(it.at("from")), decode_instant(it.at("to"))};
    }
    if (kind == "events") {
        return CounterDeltas{decode_events(it.at("events"))};
    }
    if (kind == "trouble") {
        return RunError{it.at("what")};
    }
    if (kind == "refusal") {
        return Refusal{it.at("what")};
    }
    if (kind == "attempt") {
        return Attempt{it.at("scenario"), decode_number<unsigned>(it.at("number"))};
    }
    if (kind == "finished") {
        return Finished{decode_instant(it.at("at"))};
    }
    throw FactLineError("unknown fact " + kind);
}

}  // namespace

std::string to_line(const TraceEvent& fact) {
    // A program's words may be any bytes: what is not UTF-8 is replaced.
    return std::visit(Encoder{}, fact).dump(-1, ' ', false, json::error_handler_t::replace);
}

TraceEvent parse_fact(const std::string& line) {
    try {
        return decode(json::parse(line));
    } catch (const json::exception& error) {
        throw FactLineError(error.what());
    }
}

}  // namespace halfclosed::scenarios
