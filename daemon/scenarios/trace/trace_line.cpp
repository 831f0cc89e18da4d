#include "scenarios/trace/trace_line.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "scenarios/definition/expectation_text.h"
#include "scenarios/programs/signal_name.h"
#include "text/hex.h"
#include "text/utf8.h"

namespace halfclosed::scenarios {

namespace {

using nlohmann::json;

/// What "fact" says of each kind of event, in the order of the variant.
constexpr std::array kKinds{"sighting", "call",      "signal",   "ended",  "gauges",
                            "packet",   "how_ended", "blind",    "events", "trouble",
                            "refusal",  "attempt",   "finished", "exact"};
static_assert(kKinds.size() == std::variant_size_v<TraceEvent>);

/// A signal, which travels by its name.
struct Signal {
    int& number;
};

// The fields of each event by their names on the line, for both directions: `at(name, member)` writes or reads one.

void fields(StateObservation& it, auto& at) {
    at("side", it.side);
    at("state", it.state);
    at("custody", it.custody);
    at("not_before", it.not_before);
    at("seen", it.seen);
}

void fields(MadeCall& it, auto& at) {
    at("who", it.who);
    at("name", it.call.name);
    at("result", it.call.result);
    at("error", it.call.error);
    at("began", it.call.began);
    at("ended", it.call.ended);
}

void fields(SentSignal& it, auto& at) {
    at("to", it.to);
    at("signal", Signal{it.signal});
    at("at", it.at);
}

void fields(ProgramExit& it, auto& at) {
    at("who", it.who);
    at("by_signal", it.exit.by_signal);
    at("number", it.exit.number);
    at("at", it.at);
}

void fields(CountSample& it, auto& at) {
    at("at", it.at);
    at("orphan_counted", it.orphan_counted);
    at("orphan_kernel", it.orphan_kernel);
    at("tw_counted", it.tw_counted);
    at("tw_kernel", it.tw_kernel);
}

void fields(Packet& it, auto& at) {
    at("at", it.at);
    at("from", it.from);
    at("flags", it.flags);
    at("length", it.length);
    at("frame", it.frame);
}

void fields(StateEnd& it, auto& at) {
    at("side", it.side);
    at("state", it.state);
    at("how", it.how);
    at("at", it.at);
}

void fields(ExactState& it, auto& at) {
    at("side", it.side);
    at("state", it.state);
    at("at", it.at);
}

void fields(ObservationGap& it, auto& at) {
    at("from", it.from);
    at("to", it.to);
}

void fields(CounterDeltas& it, auto& at) {
    at("events", it.moved);
}

void fields(RunError& it, auto& at) {
    at("what", it.what);
}

void fields(Refusal& it, auto& at) {
    at("what", it.what);
}

void fields(Attempt& it, auto& at) {
    at("scenario", it.scenario);
    at("number", it.number);
}

void fields(Finished& it, auto& at) {
    at("at", it.at);
}

/// Writes members into a line.
struct Writer {
    json line;

    template <typename Member>
    void operator()(const char* name, const Member& member) {
        line[name] = encoded(member);
    }

    static json encoded(const auto& value) { return value; }
    static json encoded(std::chrono::nanoseconds time) { return time.count(); }
    static json encoded(Instant instant) { return instant.time_since_epoch().count(); }
    static json encoded(Side side) { return name(side); }
    static json encoded(TcpState state) { return name(state); }
    static json encoded(Signal signal) { return programs::signal_name(signal.number); }
    static json encoded(std::optional<tracking::Custody> custody) {
        return custody ? json(tracking::name(*custody)) : json();
    }
    static json encoded(const Frame& frame) {
        return {{"stamped", frame.stamped.count()},
                {"length", frame.length},
                {"bytes", text::to_hex(frame.bytes)}};
    }
};

/// Reads members out of a line. nlohmann's exceptions say what is missing or of another type.
struct Reader {
    const json& line;

    template <typename Member>
    void operator()(const char* name, Member&& member) {
        decode(line.at(name), member);
    }

    /// A whole number that fits. json's own conversion takes fractions and lets what is too large overflow.
    template <std::integral Number>
    static void decode(const json& value, Number& number) {
        const bool fits =
            value.is_number_unsigned()
                ? std::in_range<Number>(value.get<std::uint64_t>())
                : value.is_number_integer() && std::in_range<Number>(value.get<std::int64_t>());
        if (!fits) {
            throw TraceLineError(value.dump() + " is not a whole number in range");
        }
        number = value.get<Number>();
    }
    static void decode(const json& value, bool& flag) { flag = value.get<bool>(); }
    static void decode(const json& value, std::string& text) {
        std::string line = value.get<std::string>();
        std::replace(line.begin(), line.end(), '\n', ' ');
        text = text::printable(line);
    }

    /// No time since boot, nor since 1970, is before 0 or past a century and a half: what is computed from two of them
    /// does not overflow.
    static void decode(const json& value, std::chrono::nanoseconds& time) {
        constexpr std::chrono::hours kLatest{24 * 366 * 140};
        std::int64_t count = 0;
        decode(value, count);
        time = std::chrono::nanoseconds{count};
        if (time < std::chrono::nanoseconds{0} || time > kLatest) {
            throw TraceLineError(value.dump() + " ns is no time of a clock");
        }
    }
    static void decode(const json& value, Instant& instant) {
        std::chrono::nanoseconds since_boot{};
        decode(value, since_boot);
        instant = Instant{since_boot};
    }

    template <typename Parse>
    static auto parsed(const json& value, Parse parse) {
        const auto thing = parse(value.get_ref<const std::string&>());
        if (!thing) {
            throw TraceLineError("unknown word " + value.dump());
        }
        return *thing;
    }
    static void decode(const json& value, Side& side) { side = parsed(value, parse_side); }
    static void decode(const json& value, TcpState& state) { state = parsed(value, parse_state); }
    static void decode(const json& value, Signal& signal) {
        signal.number = parsed(value, programs::signal_number);
    }
    static void decode(const json& value, std::optional<tracking::Custody>& custody) {
        custody.reset();
        if (!value.is_null()) {
            custody = parsed(value, parse_custody);
        }
    }

    static void decode(const json& value, Frame& frame) {
        decode(value.at("stamped"), frame.stamped);
        decode(value.at("length"), frame.length);
        frame.bytes = parsed(value.at("bytes"), text::parse_hex);
        if (frame.bytes.size() > frame.length) {
            throw TraceLineError("a frame has more bytes than its length");
        }
    }
    static void decode(const json& value, std::map<std::string, std::uint64_t>& counters) {
        for (const auto& [name, moved] : value.get_ref<const json::object_t&>()) {
            decode(moved, counters[text::printable(name)]);
        }
    }
};

template <std::size_t... Kinds>
TraceEvent decode(const json& line, std::index_sequence<Kinds...> /*kinds*/) {
    const auto& kind = line.at("fact").get_ref<const std::string&>();
    std::optional<TraceEvent> event;
    const auto read = [&]<std::size_t Kind>() {
        if (kind == kKinds[Kind]) {
            Reader reader{line};
            fields(event.emplace().emplace<Kind>(), reader);
        }
    };
    (read.template operator()<Kinds>(), ...);
    if (!event) {
        throw TraceLineError("unknown event " + kind);
    }
    return *event;
}

}  // namespace

TraceLineError::TraceLineError(const std::string& what)
    : std::runtime_error(text::printable(what)) {
}

std::string to_line(const TraceEvent& event) {
    Writer writer;
    writer.line["fact"] = kKinds.at(event.index());
    std::visit([&writer](auto it) { fields(it, writer); }, event);
    // A program's words may be any bytes: what is not UTF-8 is replaced.
    return writer.line.dump(-1, ' ', false, json::error_handler_t::replace);
}

TraceEvent parse_trace_line(const std::string& line) {
    try {
        return decode(json::parse(line), std::make_index_sequence<kKinds.size()>());
    } catch (const json::exception& error) {
        throw TraceLineError(error.what());
    }
}

}  // namespace halfclosed::scenarios
