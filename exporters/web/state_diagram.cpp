#include "exporters/web/state_diagram.h"

#include "exporters/snapshot/leaks.h"

namespace halfclosed::exporters {

namespace {

struct Node {
    TcpState state;
    const char* label;
    int x;  ///< of the upper left corner
    int y;
};

constexpr int kWidth = 146;
constexpr int kHeight = 54;

constexpr Node kNodes[] = {
    {TcpState::established, "ESTABLISHED", 6, 104}, {TcpState::fin_wait1, "FIN-WAIT-1", 208, 8},
    {TcpState::fin_wait2, "FIN-WAIT-2", 410, 8},    {TcpState::time_wait, "TIME-WAIT", 612, 8},
    {TcpState::closing, "CLOSING", 410, 104},       {TcpState::close_wait, "CLOSE-WAIT", 208, 200},
    {TcpState::last_ack, "LAST-ACK", 410, 200},
};

/// The steps that are drawn: all but those a reset or a timeout takes. `x` and `y` are the middle
/// of the number.
struct Arrow {
    tracking::Edge edge;
    const char* path;
    int x;
    int y;
};

constexpr Arrow kArrows[] = {
    {{TcpState::established, TcpState::fin_wait1}, "M152 119 L201 62", 160, 80},
    {{TcpState::established, TcpState::close_wait}, "M152 143 L201 200", 160, 192},
    {{TcpState::fin_wait1, TcpState::fin_wait2}, "M354 35 L402 35", 378, 26},
    {{TcpState::fin_wait1, TcpState::closing}, "M354 62 L403 112", 364, 98},
    {{TcpState::fin_wait2, TcpState::time_wait}, "M556 35 L604 35", 580, 26},
    {{TcpState::closing, TcpState::time_wait}, "M556 114 L605 64", 596, 98},
    {{TcpState::close_wait, TcpState::last_ack}, "M354 227 L402 227", 378, 218},
    {{TcpState::last_ack, TcpState::close}, "M556 227 L604 227", 580, 218},
    {{TcpState::time_wait, TcpState::close}, "M685 62 L685 192", 708, 132},
};

std::uint64_t steps(const Snapshot& snapshot, const tracking::Edge& edge) {
    std::uint64_t count = 0;
    for (const auto& [key, value] : snapshot.counters.transitions) {
        const auto& [label, side, from, to, evidence] = key;
        count += from == edge.from && to == edge.to ? value : 0;
    }
    return count;
}

std::uint64_t leaked(const Snapshot& snapshot) {
    std::uint64_t count = 0;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        count += is_leaked(socket, snapshot) ? 1 : 0;
    }
    return count;
}

std::string text(int x, int y, const char* style, const std::string& content) {
    return "<text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" class=\"" +
           style + "\">" + content + "</text>";
}

std::string node(const Node& node, const std::string& style, const std::string& count) {
    return "<rect x=\"" + std::to_string(node.x) + "\" y=\"" + std::to_string(node.y) +
           "\" width=\"" + std::to_string(kWidth) + "\" height=\"" + std::to_string(kHeight) +
           "\" rx=\"9\" class=\"" + style + "\"/>" +
           text(node.x + kWidth / 2, node.y + 20, "label", node.label) +
           text(node.x + kWidth / 2, node.y + 43, "count", count) + "\n";
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
    std::string svg =
        "<svg viewBox=\"0 0 764 262\" role=\"img\" aria-labelledby=\"figure-title\">\n"
        "<title id=\"figure-title\">The closing half of the TCP state machine, with the sockets "
        "of each state and the steps taken since the start; the table below has the numbers"
        "</title>\n"
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
        "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 L8 4 L0 8 z\" class=\"tip\"/></marker>"
        "</defs>\n";
    for (const Arrow& arrow : kArrows) {
        const std::uint64_t count = steps(snapshot, arrow.edge);
        svg += std::string("<path d=\"") + arrow.path + "\" class=\"" +
               (count > 0 ? "step taken" : "step") + "\" marker-end=\"url(#tip)\"/>";
        svg += (count > 0 ? text(arrow.x, arrow.y, "steps", std::to_string(count)) : "") + "\n";
    }
    const bool alarm = fresh && leaked(snapshot) > 0;
    for (const Node& each : kNodes) {
        const auto count = sockets_in(snapshot, each.state, std::nullopt, fresh);
        std::string style = count.value_or(0) > 0 ? "state some" : "state";
        if (each.state == TcpState::close_wait && alarm) {
            style = "state alarm";
        }
        svg += node(each, style, count_text(count));
    }
    svg += text(685, 232, "end", "closed") + "\n";
    return svg + "</svg>\n";
}

}  // namespace halfclosed::exporters
