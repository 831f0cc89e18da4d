#include "scenarios/fact_line.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "programs/signal_name.h"
#include "scenarios/expectation_text.h"
#include "scenarios/hex.h"

namespace halfclosed::scenarios {

namespace {

using nlohmann::json;

// Each fact is written with the same names as its fields; "fact" says which it is.

json encode(Instant instant) {
    return instant.time_since_epoch().count();
}

Instant decode_instant(const json& value) {
    return Instant{Duration{value.get<Duration::rep>()}};
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
            {"bytes", to_hex(frame.bytes)}};
}

Frame decode_frame(const json& value) {
    const std::string digits = value.at("bytes");
    auto bytes = parse_hex(digits);
    const std::uint32_t length = value.at("length");
    if (!bytes || bytes->size() > length) {
        throw FactLineError("a frame of " + std::to_string(length) + " bytes with " + digits);
    }
    return {std::chrono::nanoseconds{value.at("stamped").get<std::int64_t>()}, length,
            std::move(*bytes)};
}

struct Encoder {
    json operator()(const Sighting& it) const {
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
    json operator()(const Gauges& it) const {
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
    json operator()(const BlindSpan& it) const {
        return {{"fact", "blind"}, {"from", encode(it.from)}, {"to", encode(it.to)}};
    }
    json operator()(const EventDeltas& it) const {
        return {{"fact", "events"}, {"events", it.events}};
    }
    json operator()(const Trouble& it) const { return {{"fact", "trouble"}, {"what", it.what}}; }
    json operator()(const Refusal& it) const { return {{"fact", "refusal"}, {"what", it.what}}; }
    json operator()(const Attempt& it) const {
        return {{"fact", "attempt"}, {"scenario", it.scenario}, {"number", it.number}};
    }
    json operator()(const Finished& it) const {
        return {{"fact", "finished"}, {"at", encode(it.at)}};
    }
};

Fact decode(const json& it) {
    const std::string kind = it.at("fact");
    if (kind == "sighting") {
        const json& custody = it.at("custody");
        return Sighting{decode_side(it.at("side")), decode_state(it.at("state")),
                        custody.is_null() ? std::nullopt : std::optional(decode_custody(custody)),
                        decode_instant(it.at("not_before")), decode_instant(it.at("seen"))};
    }
    if (kind == "call") {
        return MadeCall{decode_side(it.at("who")),
                        {it.at("name"), it.at("result"), it.at("error"),
                         std::chrono::nanoseconds{it.at("began").get<std::int64_t>()},
                         std::chrono::nanoseconds{it.at("ended").get<std::int64_t>()}}};
    }
    if (kind == "signal") {
        return SentSignal{decode_side(it.at("to")), decode_signal(it.at("signal")),
                          decode_instant(it.at("at"))};
    }
    if (kind == "ended") {
        return Ended{decode_side(it.at("who")),
                     {it.at("by_signal"), it.at("number")},
                     decode_instant(it.at("at"))};
    }
    if (kind == "gauges") {
        return Gauges{decode_instant(it.at("at")), it.at("orphan_counted"), it.at("orphan_kernel"),
                      it.at("tw_counted"), it.at("tw_kernel")};
    }
    if (kind == "packet") {
        return Packet{decode_instant(it.at("at")), decode_side(it.at("from")), it.at("flags"),
                      it.at("length"), decode_frame(it.at("frame"))};
    }
    if (kind == "how_ended") {
        return HowEnded{decode_side(it.at("side")), decode_state(it.at("state")), it.at("how"),
                        decode_instant(it.at("at"))};
    }
    if (kind == "blind") {
        return BlindSpan{decode_instant(it.at("from")), decode_instant(it.at("to"))};
    }
    if (kind == "events") {
        return EventDeltas{it.at("events")};
    }
    if (kind == "trouble") {
        return Trouble{it.at("what")};
    }
    if (kind == "refusal") {
        return Refusal{it.at("what")};
    }
    if (kind == "attempt") {
        return Attempt{it.at("scenario"), it.at("number")};
    }
    if (kind == "finished") {
        return Finished{decode_instant(it.at("at"))};
    }
    throw FactLineError("unknown fact " + kind);
}

}  // namespace

std::string to_line(const Fact& fact) {
    // A program's words may be any bytes: what is not UTF-8 is replaced.
    return std::visit(Encoder{}, fact).dump(-1, ' ', false, json::error_handler_t::replace);
}

Fact parse_fact(const std::string& line) {
    try {
        return decode(json::parse(line));
    } catch (const json::exception& error) {
        throw FactLineError(error.what());
    }
}

}  // namespace halfclosed::scenarios
