#include "exporters/web/state_diagram.h"

#include <algorithm>

#include "exporters/snapshot/leaks.h"
#include "exporters/web/box_words.h"

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

/// What stands in a box may be as wide as this, in units of the drawing.
constexpr int kRoomInBox = 140;

enum class Anchor { start, end };

/// `x` and `y` are where the number begins, or ends; it may be as wide as `room`.
struct Arrow {
    tracking::Edge edge;
    const char* path;
    int x;
    int y;
    Anchor anchor;
    int room;
    const char* title;
    const char* outcome = "";
};

constexpr Arrow kArrows[] = {
    {{TcpState::established, TcpState::fin_wait1},
     "M196 102 L120 134",
     146,
     118,
     Anchor::end,
     142,
     "close() here"},
    {{TcpState::established, TcpState::close_wait},
     "M284 102 L360 134",
     336,
     116,
     Anchor::start,
     180,
     "FIN received"},
    {{TcpState::fin_wait1, TcpState::fin_wait2},
     "M66 236 L66 268",
     74,
     258,
     Anchor::start,
     86,
     "FIN acknowledged"},
    {{TcpState::fin_wait1, TcpState::closing},
     "M140 236 L196 268",
     184,
     249,
     Anchor::start,
     190,
     "FIN received"},
    {{TcpState::fin_wait2, TcpState::time_wait},
     "M66 370 L66 402",
     74,
     390,
     Anchor::start,
     80,
     "FIN received"},
    {{TcpState::closing, TcpState::time_wait},
     "M206 370 L130 402",
     204,
     390,
     Anchor::start,
     176,
     "FIN acknowledged"},
    {{TcpState::close_wait, TcpState::last_ack},
     "M388 236 L388 268",
     398,
     264,
     Anchor::start,
     86,
     "close()"},
    {{TcpState::last_ack, TcpState::close},
     "M388 370 L388 402",
     396,
     390,
     Anchor::start,
     88,
     "FIN acknowledged"},
    {{TcpState::time_wait, TcpState::close},
     "M154 484 L322 484",
     164,
     478,
     Anchor::start,
     156,
     "60 s are over"},
    {{TcpState::fin_wait2, TcpState::close},
     "M154 358 L232 424 L322 436",
     320,
     454,
     Anchor::end,
     160,
     "expired or killed",
     "expired"},
    {{TcpState::close_wait, TcpState::close},
     "M476 180 L490 180 L490 447 L480 447",
     518,
     131,
     Anchor::end,
     150,
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

/// "12 expired": of sockets that did not end as they should, what became of them. Rounded where the number is too wide.
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
    std::string outcome = arrow.outcome;
    outcome = outcome.empty() ? "" : " " + outcome + (killed ? " or killed" : "");
    const std::string exact = std::to_string(count) + outcome;
    return width_of(exact) <= arrow.room ? exact : short_number(count) + outcome;
}

std::uint64_t leaked(const Snapshot& snapshot) {
    return static_cast<std::uint64_t>(
        std::count_if(snapshot.sockets.begin(), snapshot.sockets.end(),
                      [&](const auto& socket) { return is_leaked(socket, snapshot); }));
}

/// `room`: how wide the text may be, by which live.js measures it; what is wider by our estimate is condensed.
std::string text_element(int x, int y, const std::string& style, const std::string& id,
                         const std::string& content, int room, int width) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" class=\"" + style + "\"" +
           (id.empty() ? "" : " id=\"" + id + "\" data-room=\"" + number(room) + "\"") +
           (width > room ? " textLength=\"" + number(room) + "\" lengthAdjust=\"spacingAndGlyphs\""
                         : "") +
           ">" + content + "</text>";
}

std::string box_element(const Box& box, const std::string& style, const std::string& count,
                        const std::string& custody, const Times& times) {
    const std::string id = "box-" + name(box.state);
    const auto text = [&](int y, const char* of, const char* what, const std::string& content) {
        return text_element(box.x + kWidth / 2, box.y + y, of, *what == '\0' ? "" : id + what,
                            content, kRoomInBox, width_of(content));
    };
    return "<rect id=\"" + id + "\" x=\"" + number(box.x) + "\" y=\"" + number(box.y) +
           "\" width=\"" + number(kWidth) + "\" height=\"" + number(kHeight) +
           "\" rx=\"9\" class=\"" + style + "\"/>" + text(18, "label", "", box.label) +
           text(43, "count", "-count", count) + text(60, "held", "-held", custody) +
           text(75, "age", "-age", times.oldest) +
           (box.state == TcpState::fin_wait2 ? text(90, "age", "-left", times.left) : "") + "\n";
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
    return box_element(box, style, count_text(count),
                       some ? custody_text(snapshot, box.state, kRoomInBox) : "",
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
        const std::string words = missing ? "close() is missing" : steps_text(snapshot, arrow);
        svg += "<path d=\"" + std::string(arrow.path) + "\" id=\"" + id + "\" class=\"" +
               (missing     ? "step missing"
                : count > 0 ? "step taken"
                            : "step") +
               "\" marker-end=\"url(#tip)\"><title>" + arrow.title + "</title></path>";
        // What is missing stands on the other side of its arrow, where there is room.
        svg += text_element(arrow.x, arrow.y,
                            std::string("steps") + (missing ? " missing" : "") +
                                (arrow.anchor == Anchor::end ? " before" : ""),
                            id + "-rate", words, arrow.room, missing ? 0 : width_of(words)) +
               "\n";
    }
    for (const Box& each : kBoxes) {
        svg += box_element(snapshot, fresh, alarm, each);
    }
    return svg + "</svg>\n";
}

}  // namespace halfclosed::exporters
