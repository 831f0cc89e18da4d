#include "scenarios/trace/trace_line.h"

#include <algorithm>
#include <array>
#include <utility>

#include "scenarios/definition/expectation_text.h"
#include "scenarios/programs/signal_name.h"
#include "text/hex.h"
#include "text/json.h"
#include "text/json_value.h"
#include "text/utf8.h"

namespace halfclosed::scenarios {

namespace {

using text::Json;
using text::JsonValue;

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
    Json line;

    template <typename Member>
    void operator()(const char* name, const Member& member) {
        line.add(name, encoded(member));
    }

    static Json encoded(const auto& value) { return value; }
    static Json encoded(std::chrono::nanoseconds time) { return time.count(); }
    static Json encoded(Instant instant) { return instant.time_since_epoch().count(); }
    static Json encoded(Side side) { return name(side); }
    static Json encoded(TcpState state) { return name(state); }
    static Json encoded(Signal signal) { return programs::signal_name(signal.number); }
    static Json encoded(std::optional<tracking::Custody> custody) {
        return custody ? Json(tracking::name(*custody)) : Json();
    }
    static Json encoded(const Frame& frame) {
        return {{"stamped", frame.stamped.count()},
                {"length", frame.length},
                {"bytes", text::to_hex(frame.bytes)}};
    }
};

/// Reads members out of a line. text::JsonError says what is missing or of another kind.
struct Reader {
    const JsonValue& line;

    template <typename Member>
    void operator()(const char* name, Member&& member) {
        decode(line.at(name), member);
    }

    template <std::integral Number>
    static void decode(const JsonValue& value, Number& number) {
        number = value.whole<Number>();
    }
    static void decode(const JsonValue& value, bool& flag) { flag = value.boolean(); }
    static void decode(const JsonValue& value, std::string& text) {
        std::string line = value.text();
        std::replace(line.begin(), line.end(), '\n', ' ');
        text = text::printable(line);
    }

    /// No time since boot, nor since 1970, is before 0 or past a century and a half: what is computed from two of them
    /// does not overflow.
    static void decode(const JsonValue& value, std::chrono::nanoseconds& time) {
        constexpr std::chrono::hours kLatest{24 * 366 * 140};
        std::int64_t count = 0;
        decode(value, count);
        time = std::chrono::nanoseconds{count};
        if (time < std::chrono::nanoseconds{0} || time > kLatest) {
            throw TraceLineError(std::to_string(count) + " ns is no time of a clock");
        }
    }
    static void decode(const JsonValue& value, Instant& instant) {
        std::chrono::nanoseconds since_boot{};
        decode(value, since_boot);
        instant = Instant{since_boot};
    }

    template <typename Parse>
    static auto parsed(const JsonValue& value, Parse parse) {
        const auto thing = parse(value.text());
        if (!thing) {
            throw TraceLineError("unknown word \"" + value.text() + '"');
        }
        return *thing;
    }
    static void decode(const JsonValue& value, Side& side) { side = parsed(value, parse_side); }
    static void decode(const JsonValue& value, TcpState& state) {
        state = parsed(value, parse_state);
    }
    static void decode(const JsonValue& value, Signal& signal) {
        signal.number = parsed(value, programs::signal_number);
    }
    static void decode(const JsonValue& value, std::optional<tracking::Custody>& custody) {
        custody.reset();
        if (!value.is(JsonValue::Kind::null)) {
            custody = parsed(value, parse_custody);
        }
    }

    static void decode(const JsonValue& value, Frame& frame) {
        decode(value.at("stamped"), frame.stamped);
        decode(value.at("length"), frame.length);
        frame.bytes = parsed(value.at("bytes"), text::parse_hex);
        if (frame.bytes.size() > frame.length) {
            throw TraceLineError("a frame has more bytes than its length");
        }
    }
    static void decode(const JsonValue& value, std::map<std::string, std::uint64_t>& counters) {
        for (const auto& [name, moved] : value.members()) {
            decode(moved, counters[text::printable(name)]);
        }
    }
};

template <std::size_t... Kinds>
TraceEvent decode(const JsonValue& line, std::index_sequence<Kinds...> /*kinds*/) {
    const auto& kind = line.at("fact").text();
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
    writer.line.add("fact", kKinds.at(event.index()));
    std::visit([&writer](auto it) { fields(it, writer); }, event);
    return writer.line.dump();
}

TraceEvent parse_trace_line(const std::string& line) {
    try {
        return decode(text::parse_json(line), std::make_index_sequence<kKinds.size()>());
    } catch (const text::JsonError& error) {
        throw TraceLineError(error.what());
    }
}

}  // namespace halfclosed::scenarios
