#include "exporters/web/state_diagram.h"

#include <algorithm>

#include "exporters/snapshot/leaks.h"
#include "text/time.h"

namespace halfclosed::exporters {

namespace {

struct Box {
    TcpState state;
    const char* label;
    int x;  ///< of the upper left corner
    int y;
};

constexpr int kWidth = 150;
constexpr int kHeight = 98;

constexpr Box kBoxes[] = {
    {TcpState::established, "ESTABLISHED", 165, 4}, {TcpState::fin_wait1, "FIN-WAIT-1", 4, 138},
    {TcpState::close_wait, "CLOSE-WAIT", 326, 138}, {TcpState::fin_wait2, "FIN-WAIT-2", 4, 272},
    {TcpState::closing, "CLOSING", 165, 272},       {TcpState::last_ack, "LAST-ACK", 326, 272},
    {TcpState::time_wait, "TIME-WAIT", 4, 406},     {TcpState::close, "CLOSED", 326, 406},
};

/// `x` and `y` are where the number begins, or ends where it says what became of the sockets.
struct Arrow {
    tracking::Edge edge;
    const char* path;
    int x;
    int y;
    const char* title;
    const char* outcome = "";
};

constexpr Arrow kArrows[] = {
    {{TcpState::established, TcpState::fin_wait1}, "M196 102 L120 134", 90, 118, "close() here"},
    {{TcpState::established, TcpState::close_wait}, "M284 102 L360 134", 336, 116, "FIN received"},
    {{TcpState::fin_wait1, TcpState::fin_wait2}, "M66 236 L66 268", 74, 256, "FIN acknowledged"},
    {{TcpState::fin_wait1, TcpState::closing}, "M140 236 L196 268", 184, 252, "FIN received"},
    {{TcpState::fin_wait2, TcpState::time_wait}, "M66 370 L66 402", 74, 390, "FIN received"},
    {{TcpState::closing, TcpState::time_wait}, "M206 370 L130 402", 186, 390, "FIN acknowledged"},
    {{TcpState::close_wait, TcpState::last_ack}, "M388 236 L388 268", 398, 256, "close()"},
    {{TcpState::last_ack, TcpState::close}, "M388 370 L388 402", 396, 390, "FIN acknowledged"},
    {{TcpState::time_wait, TcpState::close}, "M154 484 L322 484", 164, 478, "60 s are over"},
    {{TcpState::fin_wait2, TcpState::close},
     "M154 358 L232 424 L322 436",
     320,
     454,
     "expired or killed",
     "expired"},
    {{TcpState::close_wait, TcpState::close},
     "M476 180 L490 180 L490 447 L480 447",
     518,
     130,
     "reset",
     "reset"},
};

std::string number(int value) {
    return std::to_string(value);
}

std::string id_of(const tracking::Edge& edge) {
    return name(edge.from) + "-" + name(edge.to);
}

std::uint64_t steps(const Snapshot& snapshot, const tracking::Edge& edge) {
    std::uint64_t count = 0;
    for (const auto& [key, value] : snapshot.counters.transitions) {
        const auto& [label, side, from, to, evidence] = key;
        count += from == edge.from && to == edge.to ? value : 0;
    }
    return count;
}

/// "12 expired": of sockets that did not end as they should, what became of them.
std::string steps_text(const Snapshot& snapshot, const Arrow& arrow) {
    const std::uint64_t count = steps(snapshot, arrow.edge);
    if (count == 0) {
        return {};
    }
    const bool killed =
        arrow.edge.from == TcpState::fin_wait2 &&
        std::any_of(snapshot.counters.fin_wait2_ended.begin(),
                    snapshot.counters.fin_wait2_ended.end(), [](const auto& each) {
                        return std::get<2>(each.first) == tracking::FinWait2End::killed &&
                               each.second > 0;
                    });
    const std::string outcome = arrow.outcome;
    return std::to_string(count) +
           (outcome.empty() ? "" : " " + outcome + (killed ? " or killed" : ""));
}

std::uint64_t leaked(const Snapshot& snapshot) {
    return static_cast<std::uint64_t>(
        std::count_if(snapshot.sockets.begin(), snapshot.sockets.end(),
                      [&](const auto& socket) { return is_leaked(socket, snapshot); }));
}

const char* short_name(tracking::Custody custody) {
    switch (custody) {
        case tracking::Custody::process:
            return "held";
        case tracking::Custody::accept_queue:
            return "queued";
        case tracking::Custody::orphan:
            return "orphan";
        case tracking::Custody::timewait:
            return "minisock";
        case tracking::Custody::handshake:
            return "handshake";
    }
    return "?";
}

/// More than fits in a box: the rest in a word.
constexpr std::size_t kMostHeldText = 20;

std::string short_number(std::uint64_t count) {
    constexpr std::uint64_t kLong = 10'000;
    return count < kLong ? std::to_string(count) : std::to_string((count + 500) / 1000) + "k";
}

/// "40 held, 4 queued".
std::string custody_text(const Snapshot& snapshot, TcpState state) {
    const bool half_closed = kHalfClosedStates.contains(state);
    const tracking::SocketCounts& counts =
        half_closed ? *snapshot.closing : snapshot.census->socket_counts;
    std::string text;
    std::string first;
    std::uint64_t others = 0;
    for (const tracking::Custody custody : tracking::kCustodies) {
        std::uint64_t count = 0;
        for (std::size_t label = 0; label < snapshot.port_labels.size(); ++label) {
            for (const tracking::Side side : tracking::kSides) {
                count += counts.count(label, side, state, custody);
            }
        }
        if (count > 0) {
            const std::string part = short_number(count) + " " + short_name(custody);
            others += first.empty() ? 0 : count;
            first = first.empty() ? part : first;
            text += (text.empty() ? "" : ", ") + part;
        }
    }
    return text.size() > kMostHeldText && others > 0
               ? first + ", " + short_number(others) + " other"
               : text;
}

struct Times {
    std::string oldest;
    std::string left;  ///< of FIN-WAIT-2: at most
};

/// "oldest 2h14m" and "≤ 48s left".
Times times_text(const Snapshot& snapshot, TcpState state) {
    std::optional<Duration> oldest;
    std::optional<Duration> most_left;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        if (socket.record.state != state) {
            continue;
        }
        oldest = std::max(oldest.value_or(Duration{0}), socket.age(snapshot.instant).value);
        if (state == TcpState::fin_wait2 && socket.custody == tracking::Custody::timewait) {
            const Duration left = std::max(deadline(socket) - snapshot.instant, Duration{0});
            most_left = std::max(most_left.value_or(Duration{0}), left);
        }
    }
    return {oldest ? "oldest " + text::duration_text(*oldest) : "",
            most_left ? "≤ " + text::duration_text(*most_left) + " left" : ""};
}

std::string text_element(int x, int y, const std::string& style, const std::string& id,
                         const std::string& content) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" class=\"" + style + "\"" +
           (id.empty() ? "" : " id=\"" + id + "\"") + ">" + content + "</text>";
}

std::string box_element(const Box& box, const std::string& style, const std::string& count,
                        const std::string& custody, const Times& times) {
    const std::string id = "box-" + name(box.state);
    const int middle = box.x + kWidth / 2;
    return "<rect id=\"" + id + "\" x=\"" + number(box.x) + "\" y=\"" + number(box.y) +
           "\" width=\"" + number(kWidth) + "\" height=\"" + number(kHeight) +
           "\" rx=\"9\" class=\"" + style + "\"/>" +
           text_element(middle, box.y + 18, "label", "", box.label) +
           text_element(middle, box.y + 43, "count", id + "-count", count) +
           text_element(middle, box.y + 60, "held", id + "-held", custody) +
           text_element(middle, box.y + 75, "age", id + "-age", times.oldest) +
           (box.state == TcpState::fin_wait2
                ? text_element(middle, box.y + 90, "age", id + "-left", times.left)
                : "") +
           "\n";
}

std::string box_element(const Snapshot& snapshot, bool fresh, bool alarm, const Box& box) {
    if (box.state == TcpState::close) {
        const std::size_t dead = fresh && snapshot.closing ? snapshot.dead.size() : 0;
        return box_element(box, dead > 0 ? "state alarm" : "state closed", "",
                           dead > 0 ? std::to_string(dead) + " dead" : "",
                           {dead > 0 ? "still open" : "", ""});
    }
    const auto count = sockets_in(snapshot, box.state, std::nullopt, fresh);
    const bool some = count.value_or(0) > 0;
    const std::string style = box.state == TcpState::close_wait && alarm ? "state alarm"
                              : some                                     ? "state some"
                                                                         : "state";
    return box_element(box, style, count_text(count), some ? custody_text(snapshot, box.state) : "",
                       some ? times_text(snapshot, box.state) : Times{});
}

}  // namespace

std::optional<std::uint64_t> sockets_in(const Snapshot& snapshot, TcpState state,
                                        std::optional<tracking::Side> side, bool fresh) {
    const bool half_closed = kHalfClosedStates.contains(state);
    if (!fresh || (half_closed ? !snapshot.closing : !snapshot.census)) {
        return std::nullopt;
    }
    const tracking::SocketCounts& socket_counts =
        half_closed ? *snapshot.closing : snapshot.census->socket_counts;
    std::uint64_t count = 0;
    for (std::size_t label = 0; label < snapshot.port_labels.size(); ++label) {
        for (const tracking::Side each : tracking::kSides) {
            for (const tracking::Custody custody : tracking::kCustodies) {
                count +=
                    !side || *side == each ? socket_counts.count(label, each, state, custody) : 0;
            }
        }
    }
    return count;
}

std::string count_text(const std::optional<std::uint64_t>& count) {
    return count ? std::to_string(*count) : "–";
}

std::string state_figure(const Snapshot& snapshot, bool fresh) {
    const bool alarm = fresh && leaked(snapshot) > 0;
    std::string svg =
        "<svg viewBox=\"0 0 520 508\" role=\"img\" aria-labelledby=\"figure-title\" "
        "id=\"states\">\n"
        "<title id=\"figure-title\">The closing half of the TCP state machine, with the sockets "
        "of each state and the steps taken since the start; the table of sockets has the numbers"
        "</title>\n"
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
        "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" class=\"tip\"/></marker>"
        "</defs>\n";
    for (const Arrow& arrow : kArrows) {
        const std::uint64_t count = steps(snapshot, arrow.edge);
        const std::string id = "edge-" + id_of(arrow.edge);
        const bool missing =
            alarm && arrow.edge == tracking::Edge{TcpState::close_wait, TcpState::last_ack};
        svg += "<path d=\"" + std::string(arrow.path) + "\" id=\"" + id + "\" class=\"" +
               (missing     ? "step missing"
                : count > 0 ? "step taken"
                            : "step") +
               "\" marker-end=\"url(#tip)\"><title>" + arrow.title + "</title></path>";
        svg += text_element(arrow.x, arrow.y,
                            std::string("steps") + (missing ? " missing" : "") +
                                (*arrow.outcome == '\0' ? "" : " outcome"),
                            id + "-rate",
                            missing ? "close() is missing" : steps_text(snapshot, arrow)) +
               "\n";
    }
    for (const Box& each : kBoxes) {
        svg += box_element(snapshot, fresh, alarm, each);
    }
    return svg + "</svg>\n";
}

}  // namespace halfclosed::exporters
