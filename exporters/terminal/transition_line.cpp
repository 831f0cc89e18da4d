#include "exporters/terminal/transition_line.h"

#include <nlohmann/json.hpp>

#include "exporters/snapshot/addresses.h"
#include "text/hex.h"
#include "text/time.h"

namespace halfclosed::exporters {

namespace {

/// Wide enough for "127.0.0.1:65535" twice, so that ordinary lines stand in columns; longer ends
/// push the rest.
constexpr std::size_t kEndWidth = 15;
constexpr std::size_t kFromWidth = 11;  // "established"
constexpr std::size_t kToWidth = 10;    // "close_wait"

text::Paint paint_of(const tracking::Edge& edge) {
    if (edge.to == TcpState::close_wait) {
        return text::Paint::yellow;
    }
    return edge.to == TcpState::close || edge.to == TcpState::time_wait ? text::Paint::green
                                                                        : text::Paint::plain;
}

/// When and which socket.
std::string start_of(const SocketIdentity& socket, WallTime time,
                     const text::TerminalStyle& style) {
    return text::painted(text::local_time_of_day(time), text::Paint::dim, style) + "  " +
           text::padded(bound_address(socket), kEndWidth) + " → " +
           text::padded(remote_address(socket), kEndWidth);
}

nlohmann::ordered_json start_of_json(const char* schema, const tracking::Transition& transition,
                                     WallTime time) {
    nlohmann::ordered_json json;
    json["schema"] = schema;
    json["time"] = text::rfc3339(time);
    json["cookie"] = text::cookie_text(transition.socket.cookie);
    json["local"] = local_address(transition.socket);
    json["remote"] = remote_address(transition.socket);
    json["port"] = transition.watched.port;
    json["side"] = name(transition.watched.side);
    return json;
}

nlohmann::ordered_json held_json(const tracking::Transition& transition) {
    return transition.held
               ? nlohmann::ordered_json(std::chrono::duration<double>(*transition.held).count())
               : nlohmann::ordered_json(nullptr);
}

}  // namespace

std::string transition_text(const tracking::Transition& transition, WallTime time,
                            const text::TerminalStyle& style) {
    const auto& [socket, watched, edge, evidence, held] = transition;
    std::string line = start_of(socket, time, style);
    const bool implied = evidence == tracking::Evidence::implied;
    line += "  " + text::padded_left(name(edge.from), kFromWidth) + (implied ? " ⇢ " : " → ") +
            text::painted(text::padded(name(edge.to), kToWidth), paint_of(edge), style);
    if (held) {
        line += "  " + text::duration_text(*held);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::string transition_json(const tracking::Transition& transition, WallTime time) {
    nlohmann::ordered_json json = start_of_json("halfclosed.transition/1", transition, time);
    json["from"] = name(transition.edge.from);
    json["to"] = name(transition.edge.to);
    json["evidence"] = name(transition.evidence);
    json["held_seconds"] = held_json(transition);
    return json.dump();
}

std::string ending_text(const tracking::Transition& transition, WallTime time,
                        const text::TerminalStyle& style) {
    std::string line = start_of(transition.socket, time, style) + "  " +
                       text::padded_left(name(transition.edge.from), kFromWidth) + " → " +
                       text::padded("?", kToWidth);
    line += "  " +
            (transition.held ? text::duration_text(*transition.held) + ", " : std::string()) +
            "gone, not known how";
    return line;
}

std::string ending_json(const tracking::Transition& transition, WallTime time) {
    nlohmann::ordered_json json = start_of_json("halfclosed.ending/1", transition, time);
    json["state"] = name(transition.edge.from);
    json["how"] = "unknown";
    json["held_seconds"] = held_json(transition);
    return json.dump();
}

}  // namespace halfclosed::exporters
