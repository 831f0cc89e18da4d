#include "scenarios/diagram/diagram_events.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <span>

#include "records/rfc_name.h"
#include "scenarios/programs/signal_name.h"

namespace halfclosed::scenarios {

namespace {

using Kind = DiagramEvent::Kind;

/// "SYN", "FIN", "26 bytes", "RST": what the segment is there for.
std::string label(const Packet& packet) {
    if (packet.has('R')) {
        return "RST";
    }
    if (packet.has('S')) {
        return packet.has('.') ? "SYN ACK" : "SYN";
    }
    const std::string bytes = std::to_string(packet.length) + " bytes";
    if (packet.has('F')) {
        return packet.length > 0 ? bytes + " FIN" : "FIN";
    }
    return packet.length > 0 ? bytes : "ACK";
}

std::string label(const programs::Call& call) {
    std::string text = call.name + " = " + std::to_string(call.result);
    if (call.error != 0) {
        text.append(" ").append(programs::errno_name(call.error));
    }
    return text;
}

/// Whether a call of this name puts such a segment on the wire before it returns.
bool sends(const std::string& call, const Packet& packet) {
    if (call == "connect") {
        return packet.has('S');
    }
    if (call == "write") {
        return packet.length > 0;
    }
    return (call == "close" || call == "shutdown") && (packet.has('F') || packet.has('R'));
}

/// What a call sets off does not come before it: one that sends stands at its first segment, or where it began when it
/// sent none. The others stand where they returned.
Instant moment(const Trace& trace, const MadeCall& made) {
    const programs::Call& call = made.call;
    if (call.name != "connect" && call.name != "write" && call.name != "close" &&
        call.name != "shutdown") {
        return instant(call.ended);
    }
    for (const Packet& packet : trace.packets) {
        if (packet.from == made.who && packet.at >= instant(call.began) &&
            packet.at <= instant(call.ended) && sends(call.name, packet)) {
            return packet.at;
        }
    }
    return instant(call.began);
}

/// A segment or a call that only carries data.
bool carries_data(const DiagramEvent& it) {
    if (it.failed) {
        return false;
    }
    if (it.kind == Kind::packet) {
        return !it.packet.has('S') && !it.packet.has('F');
    }
    return it.kind == Kind::call && (it.text.starts_with("read ") || it.text.starts_with("write "));
}

std::string plural(std::ptrdiff_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// What stands for some that are left out: one event for the wire, and one for the calls of each end.
std::vector<DiagramEvent> in_place_of(std::span<const DiagramEvent> left_out) {
    std::vector<DiagramEvent> placeholders;
    const auto add = [&](Kind kind, Side side, std::ptrdiff_t count, const char* what) {
        if (count > 0) {
            placeholders.push_back({kind, left_out.front().at, side, plural(count, what)});
        }
    };
    const auto count = [&left_out](auto is_it) {
        return std::count_if(left_out.begin(), left_out.end(), is_it);
    };
    add(Kind::packets, Side::client, count(is_on_wire), "segment");
    for (const Side side : {Side::client, Side::server}) {
        const auto calls = count(
            [side](const DiagramEvent& it) { return it.kind == Kind::call && it.side == side; });
        add(Kind::calls, side, calls, "call");
    }
    return placeholders;
}

std::vector<DiagramEvent> folded(const std::vector<DiagramEvent>& all) {
    constexpr std::ptrdiff_t kFirst = 6;
    constexpr std::ptrdiff_t kLast = 4;
    constexpr std::ptrdiff_t kMost = 16;
    std::vector<DiagramEvent> kept;
    for (auto begin = all.begin(); begin != all.end();) {
        auto end = std::find_if_not(begin, all.end(), carries_data);
        if (end - begin > kMost) {
            kept.insert(kept.end(), begin, begin + kFirst);
            for (const DiagramEvent& placeholder : in_place_of({begin + kFirst, end - kLast})) {
                kept.push_back(placeholder);
            }
            begin = end - kLast;
        }
        end = end == begin ? end + 1 : end;
        kept.insert(kept.end(), begin, end);
        begin = end;
    }
    return kept;
}

class Collector {
 public:
    explicit Collector(const Trace& trace) : trace_(trace), beginning_(beginning(trace)) {
        packets();
        calls();
        signals();
        for (const Side side : {Side::client, Side::server}) {
            states(side);
        }
        counts();
        std::stable_sort(all_.begin(), all_.end(),
                         [](const DiagramEvent& left, const DiagramEvent& right) {
                             return std::pair(left.at, left.kind) < std::pair(right.at, right.kind);
                         });
    }

    std::vector<DiagramEvent> take() { return std::move(all_); }

 private:
    void add(DiagramEvent event) {
        if (event.at >= beginning_) {
            all_.push_back(std::move(event));
        }
    }

    void packets() {
        for (const Packet& packet : trace_.packets) {
            DiagramEvent it{Kind::packet, packet.at, packet.from, label(packet)};
            it.failed = packet.has('R');
            it.packet = packet;
            add(it);
        }
    }

    void calls() {
        for (const MadeCall& made : trace_.calls) {
            DiagramEvent it{Kind::call, moment(trace_, made), made.who, label(made.call)};
            it.failed = made.call.error != 0;
            add(it);
        }
    }

    void signals() {
        for (const SentSignal& sent : trace_.signals) {
            add({Kind::signal, sent.at, sent.to, programs::signal_name(sent.signal)});
        }
    }

    void states(Side side) {
        for (const StateSpan& span : timeline(trace_, side)) {
            DiagramEvent it{Kind::state, span.began, side, rfc_name(span.state)};
            it.span = span;
            add(it);
        }
    }

    /// Our counts are those of the sockets that the polls saw, and change with them. What was counted before the
    /// beginning stands at the beginning.
    void counts() {
        Instant latest = beginning_;
        for (std::size_t index = 0; index < trace_.counts.size(); ++index) {
            const CountSample& counts = trace_.counts[index];
            const bool last_before =
                counts.at < beginning_ &&
                (index + 1 == trace_.counts.size() || trace_.counts[index + 1].at >= beginning_);
            if (counts.at < beginning_ && !last_before) {
                continue;
            }
            latest = std::max(latest, last_before ? beginning_ : moment_of_change(counts.at));
            DiagramEvent it{Kind::counts, latest};
            it.counts = counts;
            add(it);
        }
    }

    /// The last change of state, of either end, that the last poll with news before the count showed. Changes of
    /// custody alone have no time of their own.
    Instant moment_of_change(Instant counted) const {
        const StateObservation* latest = nullptr;
        for (const StateObservation& observation : trace_.observations) {
            if (observation.seen <= counted &&
                (latest == nullptr || observation.seen >= latest->seen)) {
                latest = &observation;
            }
        }
        if (latest == nullptr) {
            return counted;
        }
        std::optional<Instant> moment;
        for (const DiagramEvent& it : all_) {
            if (it.kind == Kind::state && it.at <= latest->seen &&
                it.at >= latest->not_before - std::chrono::milliseconds{1}) {
                moment = std::max(moment.value_or(it.at), it.at);
            }
        }
        return moment.value_or(latest->seen);
    }

    const Trace& trace_;
    Instant beginning_;
    std::vector<DiagramEvent> all_;
};

}  // namespace

std::vector<DiagramEvent> diagram_events(const Trace& trace) {
    return folded(Collector(trace).take());
}

}  // namespace halfclosed::scenarios
