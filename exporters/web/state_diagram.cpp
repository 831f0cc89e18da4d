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
constexpr int kHeight = 82;

constexpr Box kBoxes[] = {
    {TcpState::established, "ESTABLISHED", 165, 4}, {TcpState::fin_wait1, "FIN-WAIT-1", 4, 126},
    {TcpState::close_wait, "CLOSE-WAIT", 326, 126}, {TcpState::fin_wait2, "FIN-WAIT-2", 4, 248},
    {TcpState::closing, "CLOSING", 165, 248},       {TcpState::last_ack, "LAST-ACK", 326, 248},
    {TcpState::time_wait, "TIME-WAIT", 4, 370},     {TcpState::close, "CLOSED", 326, 370},
};

/// `x` and `y` are where the number begins.
struct Arrow {
    tracking::Edge edge;
    const char* path;
    int x;
    int y;
    const char* title;
};

constexpr Arrow kArrows[] = {
    {{TcpState::established, TcpState::fin_wait1}, "M196 86 L120 122", 90, 104, "close() here"},
    {{TcpState::established, TcpState::close_wait}, "M284 86 L360 122", 336, 104, "FIN received"},
    {{TcpState::fin_wait1, TcpState::fin_wait2}, "M66 208 L66 244", 74, 232, "FIN acknowledged"},
    {{TcpState::fin_wait1, TcpState::closing}, "M140 208 L196 244", 184, 228, "FIN received"},
    {{TcpState::fin_wait2, TcpState::time_wait}, "M66 330 L66 366", 74, 354, "FIN received"},
    {{TcpState::closing, TcpState::time_wait}, "M206 330 L130 366", 182, 354, "FIN acknowledged"},
    {{TcpState::close_wait, TcpState::last_ack}, "M388 208 L388 244", 396, 232, "close()"},
    {{TcpState::last_ack, TcpState::close}, "M388 330 L388 366", 396, 354, "FIN acknowledged"},
    {{TcpState::time_wait, TcpState::close}, "M154 424 L322 424", 214, 418, "60 s are over"},
    {{TcpState::fin_wait2, TcpState::close},
     "M154 318 L232 386 L322 398",
     234,
     382,
     "expired or killed"},
    {{TcpState::close_wait, TcpState::close},
     "M476 160 L490 160 L490 411 L480 411",
     484,
     118,
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

/// "40 held, 4 queued".
std::string custody_text(const Snapshot& snapshot, TcpState state) {
    const bool half_closed = kHalfClosedStates.contains(state);
    const tracking::SocketCounts& counts =
        half_closed ? *snapshot.closing : snapshot.census->socket_counts;
    std::string text;
    for (const tracking::Custody custody : tracking::kCustodies) {
        std::uint64_t count = 0;
        for (std::size_t label = 0; label < snapshot.port_labels.size(); ++label) {
            for (const tracking::Side side : tracking::kSides) {
                count += counts.count(label, side, state, custody);
            }
        }
        if (count > 0) {
            text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + short_name(custody);
        }
    }
    return text;
}

/// "oldest 2h14m"; of FIN-WAIT-2 how much of its time is left, too.
std::string age_text(const Snapshot& snapshot, TcpState state) {
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
    if (!oldest) {
        return {};
    }
    return "oldest " + text::duration_text(*oldest) +
           (most_left ? ", ≤ " + text::duration_text(*most_left) + " left" : "");
}

std::string text_element(int x, int y, const std::string& style, const std::string& id,
                         const std::string& content) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" class=\"" + style + "\"" +
           (id.empty() ? "" : " id=\"" + id + "\"") + ">" + content + "</text>";
}

std::string box_element(const Box& box, const std::string& style, const std::string& count,
                        const std::string& custody, const std::string& age) {
    const std::string id = "box-" + name(box.state);
    const int middle = box.x + kWidth / 2;
    return "<rect id=\"" + id + "\" x=\"" + number(box.x) + "\" y=\"" + number(box.y) +
           "\" width=\"" + number(kWidth) + "\" height=\"" + number(kHeight) +
           "\" rx=\"9\" class=\"" + style + "\"/>" +
           text_element(middle, box.y + 17, "label", "", box.label) +
           text_element(middle, box.y + 42, "count", id + "-count", count) +
           text_element(middle, box.y + 59, "held", id + "-held", custody) +
           text_element(middle, box.y + 75, "age", id + "-age", age) + "\n";
}

std::string box_element(const Snapshot& snapshot, bool fresh, bool alarm, const Box& box) {
    if (box.state == TcpState::close) {
        const std::size_t dead = fresh && snapshot.closing ? snapshot.dead.size() : 0;
        return box_element(box, dead > 0 ? "state alarm" : "state closed", "",
                           dead > 0 ? std::to_string(dead) + " dead:" : "",
                           dead > 0 ? "descriptor still open" : "");
    }
    const auto count = sockets_in(snapshot, box.state, std::nullopt, fresh);
    const bool some = count.value_or(0) > 0;
    const std::string style = box.state == TcpState::close_wait && alarm ? "state alarm"
                              : some                                     ? "state some"
                                                                         : "state";
    return box_element(box, style, count_text(count), some ? custody_text(snapshot, box.state) : "",
                       some ? age_text(snapshot, box.state) : "");
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
        "<svg viewBox=\"0 0 520 456\" role=\"img\" aria-labelledby=\"figure-title\" "
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
        svg += text_element(arrow.x, arrow.y, missing ? "steps missing" : "steps", id + "-rate",
                            missing     ? "close() is missing"
                            : count > 0 ? std::to_string(count)
                                        : "") +
               "\n";
    }
    for (const Box& each : kBoxes) {
        svg += box_element(snapshot, fresh, alarm, each);
    }
    return svg + "</svg>\n";
}

}  // namespace halfclosed::exporters
